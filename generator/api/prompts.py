"""POST prompts/enhance."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import signed_in
from accounts.authentication import needs
from accounts.throttling import improves_words
from common.drf import refuse_unknown_query
from common.openapi import BODY, always, problems
from generator import enhance
from generator.api.answers import ProposalOut
from generator.serializers import PromptIn

WORDS = OpenApiExample("words", value={"prompt": "a lighthouse at dusk"}, request_only=True)
PROPOSAL = OpenApiExample(
    "better words",
    value={
        "prompt": "a lighthouse at dusk, warm light on wet rocks, low clouds",
        "original": "a lighthouse at dusk",
        "changed": [
            {"kind": "added", "words": "warm light on wet rocks"},
            {"kind": "added", "words": "low clouds"},
        ],
    },
    response_only=True,
    status_codes=["200"],
)


@improves_words
@needs(POST="generate")
@extend_schema(
    operation_id="prompt_enhance",
    tags=["prompts"],
    summary="Better words for a picture",
    request=PromptIn,
    responses={
        200: ProposalOut,
        **always(),
        **problems(
            {
                **BODY,
                402: ["prompt_help_unpaid"],
                409: ["token_unreadable"],
                422: ["invalid", "prompt_help_refused"],
                429: ["rate_limited", "daily_limit"],
                503: ["prompt_help_unavailable"],
            }
        ),
    },
    examples=[WORDS, PROPOSAL],
)
@api_view(["POST"])
def improve(request: Request) -> Response:
    """What a language model would write instead, in the same language; nothing is kept and no image is spent."""
    refuse_unknown_query(request)
    members = PromptIn(data=request.data).validated()
    proposal = enhance.propose(user=signed_in(request), prompt=members["prompt"])
    changed = [{"kind": change.kind, "words": change.words} for change in proposal.changes]
    return Response({"prompt": proposal.prompt, "original": proposal.original, "changed": changed})
