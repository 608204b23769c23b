from typing import Any

from django.core.management.base import BaseCommand

from accounts.services import huggingface


class Command(BaseCommand):
    help = "Encrypt people's Hugging Face tokens with the first of TOKEN_ENCRYPTION_KEYS, so that the others can go."

    def handle(self, *args: Any, **options: Any) -> None:
        encrypted, unreadable = huggingface.rotate()
        self.stdout.write(f"Tokens encrypted anew: {encrypted}.")
        if unreadable:
            self.stdout.write(f"Tokens that no key opens, which their owners must enter again: {unreadable}.")
