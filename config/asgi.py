"""The application that uvicorn serves."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from common.asgi import BodyCap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = BodyCap(get_asgi_application(), most=settings.MULTIPART_MAX_BYTES)
