"""Draws the studio's icons from its mark: `.venv/bin/python -m tests.common.make_icons` writes static/icons/*.png."""

import re
from pathlib import Path

from PIL import Image, ImageDraw

from common.colours import PAPER

FOLDER = Path(__file__).resolve().parents[2] / "static" / "icons"
FINE = 4
"""Drawn this many times larger, then scaled down: smooth edges."""
ICONS = {
    "icon-192.png": (192, 0.66, 0.22),
    "icon-512.png": (512, 0.66, 0.22),
    "icon-maskable-512.png": (512, 0.52, 0),
    "touch-180.png": (180, 0.6, 0),
}
"""Pixels, how much of them the mark takes (a mask may cut 10 % from each edge), and how round the corners are."""
Line = list[tuple[float, float]]


def mark() -> tuple[str, list[Line]]:
    """The colour and the lines of mark.svg, whose view box is 24 by 24."""
    svg = (FOLDER / "mark.svg").read_text()
    colour, path = re.search(r'stroke="(#\w+)"', svg), re.search(r' d="([^"]+)"', svg)
    assert colour
    assert path
    lines: list[Line] = []
    for letter, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path[1]):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        _draw(lines, letter, values)
    return colour[1], lines


def _draw(lines: list[Line], letter: str, values: list[float]) -> None:
    if letter == "M":
        lines.append([])
    x, y = lines[-1][-1] if lines[-1] else (0.0, 0.0)
    match letter:
        case "M" | "L":
            lines[-1] += zip(values[::2], values[1::2], strict=True)
        case "l":
            lines[-1].append((x + values[0], y + values[1]))
            lines[-1] += zip(values[2::2], values[3::2], strict=True)
        case "V":
            lines[-1].append((x, values[0]))
        case "v":
            lines[-1].append((x, y + values[0]))
        case "Z" | "z":
            lines[-1] += lines[-1][:2]


def icon(name: str) -> Image.Image:
    """One icon: the mark on paper."""
    side, share, roundness = ICONS[name]
    colour, lines = mark()
    large = side * FINE
    image = Image.new("RGBA", (large, large))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, large - 1, large - 1), radius=large * roundness, fill=PAPER["light"])
    scale, width = large * share / 24, round(large * share / 24 * 2)
    edge = large * (1 - share) / 2
    for line in lines:
        points = [(edge + x * scale, edge + y * scale) for x, y in line]
        pen.line(points, fill=colour, width=width, joint="curve")
    return image.resize((side, side), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for file_name in ICONS:
        icon(file_name).save(FOLDER / file_name, optimize=True)
