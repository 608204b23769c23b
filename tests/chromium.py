"""The browser that tests and measurements drive: Debian's, without its windows where that is installed (a quarter
quicker)."""

from pathlib import Path

HEADLESS, WHOLE = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
PROGRAM = HEADLESS if HEADLESS.exists() else WHOLE
FLAGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    *["--disable-background-networking", "--disable-component-update"],
]
