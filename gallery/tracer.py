"""The program that traces one picture: a PNG comes in on stdin, its paths leave on stdout as SVG. Its argument is how
many seconds of a processor it may take; then the system ends it.

A process of its own, because the tracer cannot be interrupted and holds the interpreter's lock while it works.
Knows nothing of the studio: it is run by path, with nothing else to import than the tracer.
"""

import contextlib
import sys

import vtracer

CAREFUL = {"filter_speckle": 8, "color_precision": 8, "layer_difference": 6, "path_precision": 1}
"""Spots under 8 pixels go, and coordinates keep one decimal. With fewer bits of colour or wider steps between layers,
soft shapes melt into what is behind them."""


def main() -> None:
    with contextlib.suppress(ImportError):
        import resource

        seconds = int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    picture = sys.stdin.buffer.read()
    traced = vtracer.convert_raw_image_to_svg(picture, img_format="png", mode="spline", **CAREFUL)
    sys.stdout.buffer.write(traced.encode())


if __name__ == "__main__":
    main()
