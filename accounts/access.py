"""Who a page answers."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PageRequest(HttpRequest):
    """A page's request, once the middlewares have let somebody in and read htmx's headers."""

    user: User
    htmx: HtmxDetails
