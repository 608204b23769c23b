"""Causes and cures of what the accounts refuse."""

from django.utils.translation import gettext_lazy as _

from common import cures

REQUESTS = {
    "quota_exhausted": (
        _(
            "Today's images are used or promised to generations that are not finished yet: the request asks for more "
            "than is left."
        ),
        _(
            "Wait until `resets_at`, or ask for fewer `images`: `left` in `GET /api/v1/account/usage` says how many. "
            "What an unfinished generation does not make is given back."
        ),
    ),
    "rate_limited": (
        _(
            "More requests, or more of one kind, came within a minute than may, over all tokens and browsers of the "
            "account: the plan says how many requests and how many that make pictures; 10 SVGs, archives or improved "
            "prompts and 5 tests of webhooks or of tokens are the most for anybody. What names nothing counts too."
        ),
        _(
            "Wait `retry_after` seconds (the header `Retry-After` says the same), then go on. `RateLimit-Remaining` "
            "in every answer warns in time; `Prefer: wait` and live events need far fewer requests than asking again "
            "and again."
        ),
    ),
    "daily_limit": (
        _("This can be asked only so often a day, because each time asks somebody else's paid service."),
        _("Wait `retry_after` seconds. Keep answers instead of asking for the same twice."),
    ),
    "bad_token": (
        _("The token is unknown here, was revoked, or has expired."),
        _("Do not try again with it. Make a new one on the account page, and check that it was copied whole."),
    ),
    "insufficient_scope": (
        _("The token works, but lacks the scope that this route needs."),
        _("Make a token with the scope that `detail` names; the scopes of a token cannot be changed."),
    ),
    "token_unreadable": (
        _("The Hugging Face token of the account was stored with keys that the studio no longer has."),
        _("Its owner enters it again on the account page. Until then nobody else's token pays instead."),
    ),
}
FAILURES = {
    "token_unreadable": (
        _("The Hugging Face token of the account was stored with keys that the studio no longer has."),
        _("Enter it again on the account page, then run the generation again."),
    ),
}
MODELS = {
    "needs_token": (
        _("The model runs at Hugging Face, and neither the account nor the plan has a token to pay with."),
        _("Enter a Hugging Face token on the account page."),
    ),
    "server_spent": (
        _("The studio's Hugging Face token has paid as many images today as it may for everybody together."),
        _("Enter a token of your own on the account page, take a model that runs here, or wait until tomorrow."),
    ),
}
CURES = {cures.REQUESTS: REQUESTS, cures.FAILURES: FAILURES, cures.MODELS: MODELS}
