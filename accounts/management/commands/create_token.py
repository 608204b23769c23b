from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Plan, User
from accounts.services import plans, signup, tokens
from common.errors import InvalidInput


class Command(BaseCommand):
    help = "Make a token and print it, and nothing else, to stdout. Makes the account if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--plan", help="slug of the plan the account is moved to")
        parser.add_argument("--name", default="command line", help="what will use the token")
        parser.add_argument(
            "--scopes", nargs="+", choices=tokens.SCOPES, default=list(tokens.SCOPES), help="all unless told"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction: a wrong plan or name leaves no account behind."""
        try:
            User._meta.get_field("email").clean(options["email"], None)
            self.stdout.write(_token(options))
        except ValidationError as error:
            raise CommandError(f"{options['email']!r} is not an e-mail address.") from error
        except InvalidInput as error:
            raise CommandError(" ".join(member["message"] for member in error.as_members())) from error
        except tokens.TooManyTokens as error:
            raise CommandError(error.message) from error


@transaction.atomic
def _token(options: dict[str, Any]) -> str:
    plan = _plan(options["plan"]) if options["plan"] else None
    user, _made = signup.ensure_account(email=options["email"])
    if plan is not None:
        plans.change(user=user, plan=plan)
    _token, secret = tokens.make(user=user, name=options["name"], scopes=options["scopes"])
    return secret


def _plan(slug: str) -> Plan:
    known = {plan.slug: plan for plan in Plan.objects.order_by("position")}
    if slug not in known:
        raise CommandError(f"There is no plan {slug!r}. Choose one of {', '.join(known)}.")
    return known[slug]
