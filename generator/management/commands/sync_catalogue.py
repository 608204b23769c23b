from typing import Any

from django.core.management.base import BaseCommand

from generator import catalogue


class Command(BaseCommand):
    help = "Bring the shipped models and styles into the database; what curators changed stays."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = catalogue.sync()
        if options["verbosity"] > 0:
            self.stdout.write(f"{changed} catalogue entries added or updated.")
