"""A workflow as an accessible SVG: words stay words, every line is one move, and a case's place can be marked.

Presentation attributes only, because our content security policy forbids inline styles. Lines and words have the
colour of what surrounds them (``currentColor``), so that an inline drawing is readable on light and dark pages alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

from workflow.definition import Workflow
from workflow.diagrams.graph import Flow, Place, graph_of
from workflow.diagrams.layout import LEFT, Cell, Drawing, Metrics, Point, Route, lay_out
from workflow.diagrams.lettering import width_px

FONT, TITLE_PX, HINT_PX, LABEL_PX = "system-ui, sans-serif", 13, 11, 12
CLOCK_PX = 16  # the little clock before the words of a move that fires by itself
SHARP = 'shape-rendering="crispEdges" stroke="currentColor"'  # lines that share a piece look like one line
MARK_PX = 40  # room for "done" or "now" beside who must act
HINT_CHARACTERS, HINT_LINE_PX = 30, 15
INK, PAPER = "#1b1b1b", "#ffffff"
LEGEND = (("clock", "happens by itself when its time comes"), ("dashes", "a pause"),
          ("double", "an end"))  # fmt: skip


def svg(
    workflow: Workflow,
    *,
    current: str = "",
    visited: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    citizen: str = "You",
    inline: bool = False,
) -> str:
    """An SVG document. ``current`` and ``visited``: states of one case to be marked; ``inline``: for a place inside a
    page, without paper of its own; ``names`` and ``citizen`` as in graph_of. Sizes in pixels."""
    drawing = _drawing(workflow, tuple(sorted((names or {}).items())), citizen)
    been = {state for state in visited if state in drawing.cells and state != current}
    width, height = f"{drawing.width:g}", f"{drawing.height:g}"
    colours = "" if inline else f' color="{INK}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="diagram-title diagram-desc" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}" fill="none" '
        f'stroke-width="1"{colours}>',
        f'<title id="diagram-title">{escape(workflow.title)}: from the first step to the last</title>',
        f'<desc id="diagram-desc">{escape(_told(drawing, current))}</desc>',
    ]
    if not inline:
        lines.append(f'<rect width="{width}" height="{height}" fill="{PAPER}"/>')
    for cell in drawing.cells.values():
        lines += _cell(cell, "now" if cell.place.state == current else "done" if cell.place.state in been else "")
    lines += _beginning(drawing)
    lines += _moves(drawing)
    lines += _legend(drawing)
    return "\n".join([*lines, "</svg>", ""])


@lru_cache(maxsize=64)
def _drawing(workflow: Workflow, names: tuple[tuple[str, str], ...], citizen: str) -> Drawing:
    graph = graph_of(workflow, names=dict(names), citizen=citizen)
    return lay_out(graph, Metrics(label_width=_label_width, place_width=_place_width, room=_room, below=40))


def _label_width(flow: Flow) -> float:
    return width_px(flow.move.label, LABEL_PX) + (CLOCK_PX if flow.timer else 0)


def _place_width(place: Place) -> float:
    title = width_px(place.title, TITLE_PX, bold=True)
    return 24 + max([title, *(width_px(hint, HINT_PX) + MARK_PX for hint in _hints(place))])


def _room(place: Place) -> tuple[float, float]:
    return max(0, len(_hints(place)) - 1) * 10, 0


def _hints(place: Place) -> list[str]:
    return [*([place.who] if place.who else []), *wrap(place.machine, HINT_CHARACTERS)]


def _told(drawing: Drawing, current: str) -> str:
    """The drawing in words: where a case stands and what leads on from there, or every move."""
    titles = {state: cell.place.title for state, cell in drawing.cells.items()}
    flows = [flow for flow in drawing.graph.flows if current in ("", flow.source)]
    moves = [f"{flow.move.label}: from “{titles[flow.source]}” to “{titles[flow.target]}”." for flow in flows]
    if not current:
        return " ".join([f"{len(titles)} states. Moves:", *moves])
    return " ".join([f"Now: {titles.get(current, current)}.", *(["What may follow:", *moves] if moves else [])])


# -- states -----------------------------------------------------------------------------------------------------------


def _cell(cell: Cell, mark: str) -> Iterator[str]:
    place = cell.place
    step = f" data-step={quoteattr(place.step.name)}" if place.step else ""
    yield f'<g id="state-{place.state}" data-state="{place.state}"{step}{f' data-mark="{mark}"' if mark else ""}>'
    fill = {"now": ' fill="currentColor" fill-opacity="0.14"', "done": ' fill="currentColor" fill-opacity="0.05"'}
    dashes = ' stroke-dasharray="5 3"' if not place.on_the_way and not place.is_final else ""
    wide = "3" if mark == "now" else "1"
    yield (
        f'<rect class="box" x="{cell.x:g}" y="{cell.y:g}" width="{cell.width:g}" height="{cell.height:g}" rx="6" '
        f'stroke="currentColor" stroke-width="{wide}"{dashes}{fill.get(mark, "")}/>'
    )
    if place.is_final:
        yield (
            f'<rect x="{cell.x + 4:g}" y="{cell.y + 4:g}" width="{cell.width - 8:g}" height="{cell.height - 8:g}" '
            'rx="3" stroke="currentColor" stroke-width="0.75"/>'
        )
    yield _words(place.title, cell.x + 12, cell.y + 22, TITLE_PX, bold=True)
    for number, hint in enumerate(_hints(place)):
        yield _words(hint, cell.x + 12, cell.y + 38 + HINT_LINE_PX * number, HINT_PX)
    if mark:
        yield _words(mark, cell.right - 10, cell.y + 38, HINT_PX, bold=True, anchor="end")
    yield "</g>"


def _beginning(drawing: Drawing) -> Iterator[str]:
    first = next(cell for cell in drawing.cells.values() if cell.place.is_initial)
    x, top = first.middle, first.y - 26
    yield f'<circle cx="{x:g}" cy="{top:g}" r="7" fill="currentColor"/>'
    yield from _arrow([(x, top), (x, first.y)])


# -- moves ------------------------------------------------------------------------------------------------------------


def _moves(drawing: Drawing) -> Iterator[str]:
    by_move: dict[str, list[Route]] = {}
    for route in drawing.routes:
        by_move.setdefault(route.flow.move.name, []).append(route)
    for name, routes in by_move.items():
        move = routes[0].flow.move
        yield f"<g data-move={quoteattr(name)}><title>{escape(move.label)}: {escape(move.description)}</title>"
        for route in routes:
            yield from _arrow(route.points, key=route.flow.key)
        for x, y in _joints(routes):
            yield f'<circle cx="{x:g}" cy="{y:g}" r="2.5" fill="currentColor"/>'
        # Lines to two states that begin together have their words once.
        for route in {(each.flow.source, each.label): each for each in routes}.values():
            yield from _label(route)
        yield "</g>"


def _arrow(path: Sequence[Point], *, key: str = "") -> Iterator[str]:
    said = f' data-flow="{key}"' if key else ""
    yield f'<path{said} d="M{"L".join(f"{x:g} {y:g}" for x, y in path)}" {SHARP}/>'
    (from_x, from_y), (x, y) = path[-2:]
    dx, dy = (x > from_x) - (x < from_x), (y > from_y) - (y < from_y)
    back, side = (x - 8 * dx, y - 8 * dy), (4 * dy, 4 * dx)
    corners = [(x, y), (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
    yield f'<path d="M{"L".join(f"{a:g} {b:g}" for a, b in corners)}Z" fill="currentColor"/>'


def _joints(routes: list[Route]) -> list[Point]:
    """Where a line of a move joins another line of the same move: not at the corners of its outline."""
    lanes: dict[float, set[float]] = {}
    for x, y in (point for route in routes if len(route.points) == 4 for point in route.points[1:3]):
        lanes.setdefault(x, set()).add(y)
    return [(x, y) for x, ys in lanes.items() for y in sorted(ys)[1:-1]]


def _label(route: Route) -> Iterator[str]:
    left, top, right, bottom = route.label
    y = bottom - 3 if len(route.points) == 4 else (top + bottom) / 2 + 4
    at_the_end = route.side == LEFT  # the words begin where the line begins
    x = right if at_the_end else left
    if route.flow.timer:
        yield from _clock(right - 6 if at_the_end else left + 6, y - 4)
        x += -CLOCK_PX if at_the_end else CLOCK_PX
    yield _words(route.flow.move.label, x, y, LABEL_PX, anchor="end" if at_the_end else "")


def _clock(x: float, y: float) -> Iterator[str]:
    yield f'<circle cx="{x:g}" cy="{y:g}" r="5" stroke="currentColor" stroke-width="1"/>'
    yield f'<path d="M{x:g} {y - 3:g}V{y:g}H{x + 2.5:g}" stroke="currentColor" stroke-width="1"/>'


def _words(text: str, x: float, y: float, size: float, *, bold: bool = False, anchor: str = "") -> str:
    more = (' font-weight="bold"' if bold else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="currentColor"{more}>{escape(text)}</text>'


def _legend(drawing: Drawing) -> Iterator[str]:
    x, y = 20.0, drawing.height - 22
    yield '<g data-legend="">'
    for sign, text in LEGEND:
        if sign == "clock":
            yield from _clock(x + 9, y)
        else:
            dashes = ' stroke-dasharray="4 2"' if sign == "dashes" else ""
            yield f'<rect x="{x:g}" y="{y - 7:g}" width="18" height="14" rx="3" stroke="currentColor"{dashes}/>'
        if sign == "double":
            yield f'<rect x="{x + 3:g}" y="{y - 4:g}" width="12" height="8" stroke="currentColor" stroke-width="0.75"/>'
        yield _words(text, x + 24, y + 4, HINT_PX)
        x += 24 + width_px(text, HINT_PX) + 24
    yield "</g>"
