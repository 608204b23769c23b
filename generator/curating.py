"""What curators start: a check of a model, a look-up at the Hub, another chance for what failed."""

from kombu.exceptions import KombuError

from common.errors import DomainError
from generator import checking, tasks
from generator.backends.huggingface import hub
from generator.models import AIModel, Breaker


class UnderWay(DomainError):
    """A check of this model is under way."""

    code = "under_way"
    status = 409


class NotSent(DomainError):
    """The broker does not answer."""

    code = "check_not_sent"
    status = 503


def check(*, model: AIModel) -> None:
    """Have a worker make a small picture with this model. Raises `UnderWay`, `NotSent`."""
    if not checking.begin(model):
        raise UnderWay
    try:
        tasks.check_model.apply_async(
            kwargs={"model_id": str(model.pk)}, queue="chores", retry=False, ignore_result=True
        )
    except (OSError, KombuError) as error:
        checking.not_begun(model)
        raise NotSent from error


def look_up(*, repo_id: str) -> hub.Entry:
    """What the Hub knows of a repository, within ten seconds. Raises `BackendError`."""
    return checking.at_the_hub(repo_id)


def reopen(*, breaker: Breaker) -> None:
    """Calls are made again now, whatever failed."""
    Breaker.objects.filter(pk=breaker.pk).delete()
