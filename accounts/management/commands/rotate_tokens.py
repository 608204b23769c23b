from typing import Any

from django.core.management.base import BaseCommand

from accounts.services import huggingface
from events import webhooks


class Command(BaseCommand):
    help = "Encrypt people's Hugging Face tokens and secrets of webhooks with the first of TOKEN_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        encrypted, unreadable = huggingface.rotate()
        self.stdout.write(f"Tokens encrypted anew: {encrypted}.")
        if unreadable:
            self.stdout.write(f"Tokens that no key opens, which their owners must enter again: {unreadable}.")
        encrypted, unreadable = webhooks.rotate_keys()
        self.stdout.write(f"Secrets of webhooks encrypted anew: {encrypted}.")
        if unreadable:
            self.stdout.write(f"Secrets that no key opens, which their owners must replace: {unreadable}.")
