from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import curators


class Command(BaseCommand):
    help = "Give an account the back office. Makes the account if there is none, and prints a link to set its password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            User._meta.get_field("email").clean(options["email"], None)
        except ValidationError as error:
            raise CommandError(f"{options['email']!r} is not an e-mail address.") from error
        user, _made = curators.make(email=options["email"])
        self.stdout.write(f"{user.email} is a curator.")
        if not user.has_usable_password():
            self.stdout.write("Choose the password here; the link works once, for three days:")
            self.stdout.write(curators.password_link(user))
