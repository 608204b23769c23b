"""From a code to why it came and what the author of a program does about it. Texts, with `code` between backticks."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REQUESTS, FIELDS, FAILURES, MODELS, DELIVERIES = GROUPS = ("requests", "fields", "failures", "models", "deliveries")
TITLES = {
    REQUESTS: (
        _("Refusals of a request"),
        _(
            "A request that is refused did nothing and spent nothing. The answer is `application/problem+json` with "
            "this `code`, and its `type` leads here."
        ),
    ),
    FIELDS: (
        _("Problems of a field"),
        _(
            "With the code `invalid` (422): each member or query parameter that has to change stands in `errors`, "
            "with one of these codes."
        ),
    ),
    FAILURES: (
        _("Failures of a generation"),
        _(
            "The request was good, the picture could not be made. The code stands in `error.code` of the generation, "
            "and in `attempts[].code` of each call that failed. What was not made is not spent."
        ),
    ),
    MODELS: (
        _("Why a model cannot be used"),
        _("The code stands in `unavailable_code` of the models of `GET /api/v1/models`."),
    ),
    DELIVERIES: (
        _("Failures of a webhook's delivery"),
        _(
            "The code stands in `code` of a delivery of `GET /api/v1/webhooks/{id}/deliveries`, and of each try in "
            "its `log`."
        ),
    ),
}
"""The heading of each group, and where its codes stand."""
PAGE = "/api/docs/errors/"
"""Where the codes are explained; a code behind it leads to its entry."""
Cures = Mapping[str, tuple[str | Promise, str | Promise]]
"""A code to its cause and its cure."""


@dataclass(frozen=True)
class Cure:
    """What is said of one code in one group."""

    group: str
    code: str
    cause: str | Promise
    cure: str | Promise


_CURES: dict[tuple[str, str], Cure] = {}


def register(cures: Mapping[str, Cures]) -> None:
    """Add an app's causes and cures, by group; each app does this when it is ready."""
    for group, told in cures.items():
        _CURES.update({(group, code): Cure(group, code, cause, cure) for code, (cause, cure) in told.items()})


def of(group: str) -> list[Cure]:
    """What a group says, by code."""
    return sorted((each for each in _CURES.values() if each.group == group), key=lambda each: each.code)


def anchor(code: str, *, group: str = "") -> str:
    """The name of a code's entry on the page, in its first group unless one is named; "" where it has none."""
    groups = [each for each in GROUPS if (each, code) in _CURES]
    if not groups or (group and group not in groups):
        return ""
    return code if group in {"", groups[0]} else f"{group}-{code}"


def kind(code: str, *, studio: str) -> str:
    """The `type` of a problem (RFC 9457): the address under this studio's that explains the code."""
    return f"{studio}{PAGE}{code}" if anchor(code) else "about:blank"


def codes() -> set[str]:
    """Every code that is explained."""
    return {code for _group, code in _CURES}
