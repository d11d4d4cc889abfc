"""A plot of lines as inline SVG: needs no library, no script, and takes its colours from the page around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 250  # of the drawing; it grows with the page, letters and all
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 28, 40  # room around the lines, for what is written there
FLATTEST = 0.01  # what an axis spans at least, where all values are about the same


@dataclass(frozen=True)
class Line:
    """Points (x, y) in the order of x, what they are, and the CSS class that colours them."""

    name: str
    points: Sequence[tuple[float, float]]
    css: str


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` to places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def plot(lines: Sequence[Line], *, title: str, across: str, up: str) -> str:
    """The lines in one frame: `across` and `up` say what the axes count. Points that are no number are left out.

    Empty if there is no point at all.
    """
    drawn = [Line(line.name, [p for p in line.points if math.isfinite(p[1])], line.css) for line in lines]
    drawn = [line for line in drawn if line.points]
    if not drawn:
        return ""
    last = max(x for line in drawn for x, _ in line.points)
    steps_across = [value for value in ticks(0.0, last) if value <= last]
    heights = [y for line in drawn for _, y in line.points]
    steps_up = ticks(min(heights), max(heights))
    x = Scale(0.0, last or 1.0, LEFT, WIDTH - RIGHT)
    y = Scale(steps_up[0], steps_up[-1], HEIGHT - BOTTOM, TOP)
    parts = [
        *(_level(y.place(value), _short(value)) for value in steps_up),
        *(_text(x.place(value), HEIGHT - BOTTOM + 15, _short(value), "middle") for value in steps_across),
        _text(WIDTH - RIGHT, HEIGHT - 8, across, "end"),
        _text(4, 13, up, "start"),
        *(_drawn(line, x, y) for line in drawn),
        *_legend(drawn),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers, `most` or fewer, evenly spaced, from at most `low` to at least `high` (Heckbert 1990,
    Nice numbers for graph labels)."""
    span = max(high - low, FLATTEST)
    unit = 10.0 ** math.floor(math.log10(span / (most - 1)))
    for factor in (1, 2, 5, 10, 20, 50):
        first, last = math.floor(low / (unit * factor)), math.ceil(high / (unit * factor))
        if last - first < most:
            break
    last = max(last, first + 1)
    return [round(number * unit * factor, 10) for number in range(first, last + 1)]


def _short(value: float) -> str:
    """A number as an axis shows it: 0.5, 12, 3만."""
    return f"{value / 10_000:g}만" if abs(value) >= 10_000 else f"{value:g}"


def _level(y: float, label: str) -> str:
    line = f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + _text(LEFT - 5, y + 4, label, "end")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _drawn(line: Line, x: Scale, y: Scale) -> str:
    places = [(x.place(across), y.place(up)) for across, up in line.points]
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    across, up = places[-1]
    return (
        f'<polyline class="{line.css}" points="{path}"/>'
        f'<circle class="{line.css}" cx="{across:.1f}" cy="{up:.1f}" r="3"/>'
    )


def _legend(lines: Sequence[Line]) -> list[str]:
    """Right above the frame; the lines differ in their dashes too, for whoever does not tell the colours."""
    parts, right = [], float(WIDTH - RIGHT)
    for line in reversed(lines):
        parts.append(_text(right, 13, line.name, "end"))
        right -= sum(4 if char == " " else 11 for char in line.name) + 5
        parts.append(f'<polyline class="{line.css}" points="{right - 18:.0f},9 {right:.0f},9"/>')
        right -= 30
    return parts
