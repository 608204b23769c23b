"""What happened to a generation, call by call, for its page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generator import telling
from generator.models import Attempt, Generation


@dataclass(frozen=True)
class Chapter:
    """One call: which model over which provider, what came of it in words, `seconds` of wall-clock time, and what was
    sent as `name value` pairs."""

    model: str
    provider: str
    outcome: str
    words: str
    seconds: float
    sent: str


def chapters(generation: Generation) -> list[Chapter]:
    """Every call, the first one first."""
    return [_chapter(row) for row in generation.attempts.select_related("model").order_by("started_at", "pk")]


def _chapter(attempt: Attempt) -> Chapter:
    words = telling.happened(attempt.code, attempt.facts) if attempt.code else _("The picture came.")
    return Chapter(attempt.model.label, attempt.provider, attempt.outcome, words, attempt.seconds, _told(attempt.sent))


def _told(sent: dict[str, Any]) -> str:
    """What was sent, and which settings the provider does not obey."""
    ignored = ", ".join(sent.get("not_honoured", []))
    parts = [_short({name: value for name, value in sent.items() if name != "not_honoured"})]
    if ignored:
        parts.append(_("without effect: %(names)s") % {"names": ignored})
    return " · ".join(filter(None, parts))


def _short(sent: dict[str, Any]) -> str:
    """Numbers and short words as they were sent; the prompt stands on the page already."""
    pairs = []
    for name, value in sent.items():
        if isinstance(value, dict):
            pairs.append(_short(value))
        elif isinstance(value, list):
            pairs.append(f"{name} {', '.join(map(str, value))}")
        elif "prompt" not in name and name != "inputs" and len(str(value)) <= 60:
            pairs.append(f"{name} {value}")
    return " · ".join(pair for pair in pairs if pair)
