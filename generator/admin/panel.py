"""What a model's page shows of how it does."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.sentences import say
from generator import health, telling
from generator.health import Check, Numbers
from generator.models import AIModel, Attempt, Breaker

STATES = {
    "answers": _("● answers"),
    "troubled": _("◐ troubled"),
    "unavailable": _("○ unavailable"),
    "unknown": _("not known yet"),
}


@dataclass(frozen=True)
class Told:
    """Something that failed, in words."""

    row: Attempt | Breaker
    words: str


@dataclass(frozen=True)
class Window:
    """The numbers of some days, under their name."""

    name: str
    numbers: Numbers

    @property
    def success(self) -> str:
        return percent(self.numbers.success_rate)


@dataclass(frozen=True)
class Panel:
    """How a model does, ready to be printed."""

    state: str
    lookup: Check | None
    picture: Check | None
    checking: str
    is_busy: bool
    windows: list[Window]
    failure: Told | None
    breakers: list[Told]


def panel(model: AIModel) -> Panel:
    """All that is known of a model now, in the active language."""
    failure = health.last_failure(model)
    month = health.numbers(model, days=30)
    checking = health.checking(model)
    return Panel(
        state=state(model, calls=month.calls),
        lookup=health.lookup(model),
        picture=health.picture_check(model),
        checking=say(checking) if checking else "",
        is_busy=checking == "under_way",
        windows=[
            Window(gettext("last day"), health.numbers(model, days=1)),
            Window(gettext("last 30 days"), month),
        ],
        failure=Told(failure, sentence(failure.code, failure.facts)) if failure else None,
        breakers=[Told(breaker, sentence(breaker.code, {})) for breaker in health.open_breakers(model)],
    )


def state(model: AIModel, *, calls: int) -> str:
    """What people see of its health, in words; without a call and a check that it answers is not claimed."""
    found = health.state(model)
    seen = calls or health.lookup(model) or health.picture_check(model)
    return str(STATES[found if found != "answers" or seen else "unknown"])


def sentence(code: str, facts: dict[str, object]) -> str:
    """A failure in words, beginning with a capital."""
    return str(capfirst(telling.happened(code, facts)))


def percent(rate: float | None) -> str:
    """A share of 0 to 1 in words; a dash where there is none."""
    return "–" if rate is None else gettext("%(percent)d %%") % {"percent": round(rate * 100)}
