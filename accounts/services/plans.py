"""Move somebody to another plan."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import Plan, Usage, User
from accounts.services import quota


@transaction.atomic
def change(*, user: User, plan: Plan) -> None:
    """The plan counts at once; today's limit never falls below what is used or promised already."""
    User.objects.filter(pk=user.pk).update(plan=plan)
    taken = F("used") + F("reserved")
    limit = None if plan.daily_images is None else Greatest(plan.daily_images, taken)
    Usage.objects.filter(user=user, day=quota.today()).update(limit=limit)
    user.plan = plan
