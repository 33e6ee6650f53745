"""A line plot as SVG: a few lines, axes from zero, a legend; nothing that needs a library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

_WIDTH, _HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 56, 44
_COLOURS = ("#0b6e99", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be185d")
_MARKED = 40
_TEXT = 'font-family="system-ui, sans-serif" font-size="12" fill="#4b5563"'


Place = Callable[[float, float], str]


@dataclass(frozen=True)
class DrawnLine:
    """One line: its name and its points, x growing."""

    name: str
    points: list[tuple[float, float]]


def line_plot(title: str, lines: Sequence[DrawnLine], *, x_label: str, y_label: str) -> str:
    """The drawing, on a white ground."""
    points = [point for line in lines for point in line.points]
    x_step, x_top = _steps(max(x for x, _ in points))
    y_step, y_top = _steps(max(y for _, y in points))

    apart = min(190.0, (_WIDTH - _LEFT - _RIGHT) / max(1, len(lines)))

    def place(x: float, y: float) -> str:
        across = _LEFT + x / x_top * (_WIDTH - _LEFT - _RIGHT)
        down = _HEIGHT - _BOTTOM - y / y_top * (_HEIGHT - _TOP - _BOTTOM)
        return f"{across:.1f},{down:.1f}"

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            f'aria-label="{escape(title)}">'
        ),
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" {_TEXT} font-weight="600">{escape(title)}</text>',
    ]
    for at in _ticks(y_step, y_top):
        left, right = place(0, at), place(x_top, at)
        parts.append(f'<polyline points="{left} {right}" stroke="#e5e7eb" fill="none"/>')
        parts.append(_label(left, f"{at:g}", anchor="end", dx=-8, dy=4))
    parts += [
        _label(place(at, 0), f"{at:g}", anchor="middle", dx=0, dy=18)
        for at in _ticks(x_step, x_top)
    ]
    for number, line in enumerate(lines):
        parts += _line(line, _COLOURS[number % len(_COLOURS)], place, _LEFT + apart * number)
    parts.append(
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 6}" text-anchor="middle" {_TEXT}>{x_label}</text>'
    )
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="20" text-anchor="end" {_TEXT}>{y_label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(line: DrawnLine, colour: str, place: Place, x: float) -> list[str]:
    """The line, its points where they are few, and its name at `x` of the legend."""
    places = [place(*point) for point in line.points]
    return [
        f'<polyline points="{" ".join(places)}" stroke="{colour}" stroke-width="2" fill="none"/>',
        *(
            f'<circle cx="{at.split(",")[0]}" cy="{at.split(",")[1]}" r="3" fill="{colour}"/>'
            for at in (places if len(places) <= _MARKED else ())
        ),
        f'<rect x="{x}" y="32" width="14" height="4" fill="{colour}"/>',
        f'<text x="{x + 20}" y="38" {_TEXT}>{escape(line.name)}</text>',
    ]


def _label(at: str, text: str, *, anchor: str, dx: int, dy: int) -> str:
    x, y = (float(each) for each in at.split(","))
    return f'<text x="{x + dx:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}" {_TEXT}>{text}</text>'


def _steps(highest: float) -> tuple[float, float]:
    """A round step and the lowest multiple of it that is not below `highest`."""
    highest = highest or 1.0
    unit = 10 ** floor(log10(highest / 4))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= highest / 5)
    count = -(-highest // step)
    return step, step * count


def _ticks(step: float, top: float) -> list[float]:
    return [step * number for number in range(round(top / step) + 1)]
