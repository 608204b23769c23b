"""A process with 10 MB left while it loads (`load`) or runs (`run`) the built-in model, and plenty later."""

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from generator import backends
from generator.backends.base import BackendError, Call
from generator.params import TEXT_TO_IMAGE, Params

LEFT = 10 * 2**20


def paint(side):
    params = Params(prompt="a mug", mode=TEXT_TO_IMAGE, width=side, height=side, steps=1, seed=1)
    backends.get("builtin").generate(Call(params, repo_id="builtin"))


def limit(size):
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))


def main():
    if sys.argv[1] == "run":
        paint(64)
    backends.get("builtin")
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit(pages * resource.getpagesize() + LEFT)
    try:
        paint(512)
    except BackendError as error:
        limit(resource.RLIM_INFINITY)
        sys.stdout.write(f"{error.code} {error.advice} {error.facts['during']}\n")
    paint(64)
    sys.stdout.write("painted\n")


if __name__ == "__main__":
    main()
