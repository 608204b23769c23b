"""Settings, read top to bottom. Runs with no environment at all; docs/settings.md explains each variable."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import django_include_bootstrap
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import broker
from config.chores import CELERY_BEAT_SCHEDULE, CHORES  # noqa: F401
from config.env import (
    env_bool,
    env_choice,
    env_fernet_keys,
    env_folder,
    env_int,
    env_list,
    env_secret,
    env_text,
    env_url,
)
from config.huggingface import *  # noqa: F403
from config.logs import LOG_FORMAT, LOG_LEVEL, LOGGING  # noqa: F401
from config.rest import CORS_ALLOW_HEADERS, CORS_EXPOSE_HEADERS, REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env_folder("DATA_DIR", BASE_DIR / "var")

# Where we are
DATABASE_URL = env_url("DATABASE_URL", schemes=("postgres", "postgresql"))
REDIS_URL = env_url("REDIS_URL", schemes=("redis", "rediss", "unix"))
if REDIS_URL and not DATABASE_URL:
    raise ImproperlyConfigured(
        "REDIS_URL is set without DATABASE_URL: a cluster needs PostgreSQL; set both, or neither."
    )
ON_LAPTOP = not DATABASE_URL

HOST = env_text("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000, least=1, most=65535)
PUBLIC_URL = env_url(
    "PUBLIC_URL", f"http://{'127.0.0.1' if HOST == '0.0.0.0' else HOST}:{PORT}", schemes=("http", "https")
).rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""

# Security
SECRET_KEY = env_secret("SECRET_KEY", keep_in=DATA_DIR / "secret_key" if ON_LAPTOP else None)
TOKEN_ENCRYPTION_KEYS = env_fernet_keys(
    "TOKEN_ENCRYPTION_KEYS", keep_in=DATA_DIR / "token_encryption_key" if ON_LAPTOP else None
)
DEBUG = env_bool("DEBUG", False)
ALLOWED_HOSTS = [*env_list("ALLOWED_HOSTS"), "127.0.0.1", "localhost", "[::1]", PUBLIC_HOST]
CSRF_TRUSTED_ORIGINS = [*env_list("CSRF_TRUSTED_ORIGINS"), PUBLIC_URL]
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 0, most=10)
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
CORS_ALLOWED_ORIGINS = env_list("CORS_ALLOWED_ORIGINS")
WEBHOOK_ALLOW_PRIVATE = env_bool("WEBHOOK_ALLOW_PRIVATE", False)
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/(api|download)/"

# Apps
INSTALLED_APPS = [
    "common",
    "events",
    "accounts",
    "gallery",
    "generator",
    "bridges",
    "config.admin.StudioAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "corsheaders",
    "csp",
    "django_htmx",
    "heroicons",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "bridges.middleware.OriginalShapeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "common.middleware.FaultMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ProfileLanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "common.middleware.DomainErrorMiddleware",
    "accounts.middleware.PageBudgetMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
CSRF_FAILURE_VIEW = "common.views.csrf_failure"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.context.header",
            ]
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
DATA_UPLOAD_MAX_NUMBER_FILES = 4
FILE_UPLOAD_HANDLERS = [
    "common.uploads.CappedUploadHandler",
    "common.uploads.DiskUploadHandler",
]
FILE_UPLOAD_TEMP_DIR = None
MULTIPART_MAX_BYTES = 30 * 1024 * 1024

# Database
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if ON_LAPTOP:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "studio.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
else:
    _database = environ.Env.db_url_config(DATABASE_URL, engine="common.postgresql")
    _pool = {"min_size": 1, "max_size": 20, "timeout": 20}
    DATABASES = {"default": {**_database, "OPTIONS": {**_database.get("OPTIONS", {}), "pool": _pool}}}

# Cache
CACHES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
}  # 27 MB at most: what is beyond that is forgotten, budgets too
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1, "IGNORE_EXCEPTIONS": True},
        }
    }
RATELIMIT_FAIL_OPEN = True
"""A cache that is down counts nothing, and refuses nobody but who tries the password of a link."""

# Queue: the database is the truth, a message is only a wake-up
PROVIDER_SLOTS = env_int("PROVIDER_SLOTS", 64 if REDIS_URL else 16, least=1, most=2000)
LOCAL_SLOTS = env_int("LOCAL_SLOTS", 1, least=1, most=64)
WEBHOOK_SLOTS = 8
"""Deliveries of a worker under way: they only wait, for 10 s at most, and four people who share half of them can send
to receivers that never answer without anybody else noticing."""
MAX_WAITING = env_int("MAX_WAITING", 200, most=2000)
LEASE = timedelta(seconds=30)
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem-atomic://localhost/"
if not REDIS_URL:
    broker.register(BROKER_DIR)
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "store_processed": True,
        "polling_interval": 0.1,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "chores"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = PROVIDER_SLOTS + LOCAL_SLOTS + WEBHOOK_SLOTS + 4
CELERY_TIMEZONE = "UTC"

# Storage
MEDIA_ROOT = DATA_DIR / "media"
S3_BUCKET = env_text("S3_BUCKET")
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env_url("S3_ENDPOINT_URL", schemes=("http", "https")) or None,
            "region_name": env_text("S3_REGION") or None,
            "access_key": env_text("AWS_ACCESS_KEY_ID") or None,
            "secret_key": env_text("AWS_SECRET_ACCESS_KEY") or None,
            "signature_version": "s3v4",
            "file_overwrite": True,
            "default_acl": None,
        },
    }
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", Path(django_include_bootstrap.__file__).parent / "static"),
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SIGNUP = env_choice("SIGNUP", "open", ("open", "invite", "closed"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "studio"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
EMAIL_URL = env_url("EMAIL_URL", schemes=("smtp", "smtp+tls", "smtp+ssl"))
vars().update(environ.Env.email_url_config(EMAIL_URL or "consolemail://"))
DEFAULT_FROM_EMAIL = env_text("DEFAULT_FROM_EMAIL", f"Training Edge AI <studio@{PUBLIC_HOST}>")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "none"

# Words and time
LANGUAGE_CODE = env_choice("LANGUAGE_CODE", "en", ("en", "fr"))
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
_quota_zone = env_text("QUOTA_TIME_ZONE", "UTC")
if _quota_zone not in available_timezones():
    raise ImproperlyConfigured(f"QUOTA_TIME_ZONE={_quota_zone!r} is no time zone: write one such as Europe/Paris.")
QUOTA_TIME_ZONE = ZoneInfo(_quota_zone)
