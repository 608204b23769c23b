#!/usr/bin/env python
"""The command line of the studio."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run one command, with the settings of the file `.env` beside this one; a wrong one ends in one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import environ
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    environ.Env.read_env(Path(__file__).with_name(".env"))
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Not started: {error}")


if __name__ == "__main__":
    main()
