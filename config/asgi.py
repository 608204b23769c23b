"""The application that uvicorn serves."""

import os
import warnings

from django.conf import settings
from django.core.asgi import get_asgi_application

from common.asgi import BodyCap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = get_asgi_application()

from generator.stream import Streams  # noqa: E402  (its models need what was set up above)

application = Streams(BodyCap(_django, most=settings.MULTIPART_MAX_BYTES))

# WhiteNoise hands asset files over as synchronous iterators and Django reads them whole: they are small.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
