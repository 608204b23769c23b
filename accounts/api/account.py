"""GET account, GET account/usage."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import openapi, queries  # noqa: F401  (openapi registers the schemes)
from accounts.access import signed_in
from accounts.authentication import needs
from accounts.serializers import AccountOut, UsageOut
from common.drf import refuse_unknown_query
from common.openapi import always, problems

ACCOUNT = {
    "id": "0193a1f2-7c4e-7bb0-9a51-4d2f6c1e8a90",
    "handle": "u-k7m2p9xq",
    "name": "Alice Martin",
    "email": "alice@example.org",
    "language": "fr",
    "plan": "free",
}
USAGE = {
    "day": "2026-11-21",
    "resets_at": "2026-11-22T00:00:00Z",
    "limit": 10,
    "used": 2,
    "reserved": 1,
    "left": 7,
    "in_flight": 1,
    "days": [{"day": "2026-11-20", "images": 4}, {"day": "2026-11-21", "images": 2}],
}
REFUSALS = {**always(), **problems({422: ["invalid"]})}


@needs(GET="read")
@extend_schema(
    operation_id="account",
    tags=["account"],
    summary="Who I am and my plan",
    responses={200: AccountOut, **REFUSALS},
    examples=[OpenApiExample("account", value=ACCOUNT, response_only=True, status_codes=["200"])],
)
@api_view(["GET"])
def account(request: Request) -> Response:
    """Who I am and my plan."""
    refuse_unknown_query(request)
    return Response(queries.account_as_json(signed_in(request)))


@needs(GET="read")
@extend_schema(
    operation_id="account_usage",
    tags=["account"],
    summary="My quota, and the last 30 days",
    responses={200: UsageOut, **REFUSALS},
    examples=[OpenApiExample("usage", value=USAGE, response_only=True, status_codes=["200"])],
)
@api_view(["GET"])
def usage(request: Request) -> Response:
    """My quota, and the last 30 days."""
    refuse_unknown_query(request)
    return Response(queries.usage_as_json(signed_in(request)))
