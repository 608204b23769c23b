"""What uvicorn serves for the tests of slow clients: the whole application, with little patience."""

from typing import Any

from common import patience
from common.asgi import BodyCap
from config.asgi import application

patience.HEAD_SECONDS = 1.0
patience.UNREAD_SECONDS = 1.0
inner: Any = application
while not isinstance(inner, BodyCap):
    inner = inner.app
inner.within, inner.stall, inner.linger = 3.0, 1.0, 0.5
