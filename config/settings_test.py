"""Settings of the tests: a database of their own choice, a folder of their own, fast passwords."""

import os
import tempfile

os.environ["DATA_DIR"] = os.environ.get("TEST_DATA_DIR") or tempfile.mkdtemp(prefix="studio-tests-")
for _name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PUBLIC_URL", "SIGNUP", "HF_TOKEN", "S3_BUCKET"):
    os.environ.pop(_name, None)
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    os.environ.setdefault("TOKEN_ENCRYPTION_KEYS", f"{'only-for-tests':_<43}=")
    if os.environ.get("TEST_REDIS_URL"):
        _worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS_URL'].rpartition('/')[0]}/{_worker}"

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
if not ON_LAPTOP:  # noqa: F405
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 60, "timeout": 30}}  # noqa: F405
else:
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # noqa: F405  (threads cannot share one in memory)
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
