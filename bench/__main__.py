"""Run every script, or those named, each in its own process and folder, and write docs/performance.md."""

import os
import subprocess
import sys
import tempfile

from bench import report

SCRIPTS = (
    "start",
    "memory",
    "pictures",
    "queries",
    "depth",
    "gallery",
    "first_view",
    "rest",
    "listeners",
    "webhooks",
    "providers",
)


def measure(script: str) -> list[report.Line]:
    """The lines of one script; ends the run where it fails."""
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{script}"],
            env={**environment, "DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"bench/{script}.py failed")
    return report.read(done.stdout)


def main() -> None:
    named = sys.argv[1:]
    measured: dict[str, list[report.Line]] = {}
    for script in named or SCRIPTS:
        measured[script] = measure(script)
        for line in measured[script]:
            print(f"{line.what}: {line.measured}" + (f" (aim: {line.aim})" if line.aim else ""))
    if not named:
        report.write(measured)
        print(f"Written to {report.DOCUMENT}")


if __name__ == "__main__":
    main()
