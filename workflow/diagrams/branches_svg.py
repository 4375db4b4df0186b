"""Work at the same time as an accessible SVG, from left to right: a circle, the split, a box a branch, the join.

As in svg.py: presentation attributes only, words stay words, and lines have the colour of what surrounds them. A box
carries ``class="mp-ink--<tone>"``, so that a page may colour what the words say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

from workflow.diagrams.branches import Branch, Fork
from workflow.diagrams.lettering import width_px

FONT, TITLE_PX, LINE_PX = "system-ui, sans-serif", 14, 12
INK, PAPER = "#1b1b1b", "#ffffff"
CHARACTERS = 48  # of a line in a box
MARGIN, CIRCLE, DIAMOND, WAY = 12, 9, 20, 26  # circle's radius, half a diamond, and what lies between two of them
BOX_LEAST, BOX_GAP, PAD, TITLE_ROW, ROW = 250, 14, 12, 30, 17
LEGEND = 28  # how high
CLOCK = 16  # the little clock before the words of what happens by itself
SHARP = 'shape-rendering="crispEdges" stroke="currentColor"'


def branches_svg(fork: Fork, *, inline: bool = False) -> str:
    """An SVG document; ``inline``: for a place inside a page, without paper of its own. Sizes in pixels."""
    rows = [(branch, _lines(fork, branch)) for branch in fork.branches]
    wide = max(BOX_LEAST, *(_width(branch, lines) for branch, lines in rows))
    left = MARGIN + 2 * CIRCLE + WAY + 2 * DIAMOND + 2 * WAY
    right = left + wide
    width = right + 2 * WAY + 2 * DIAMOND + WAY + 2 * CIRCLE + MARGIN
    tops, height = _tops([_height(lines) for _branch, lines in rows])
    middle = height / 2
    is_case = any(branch.state for branch in fork.branches)
    drawn = [_head(fork, width, height + (0 if is_case else LEGEND), inline=inline)]
    drawn += [] if is_case else _legend(fork, left, height + LEGEND / 2 - 4)
    drawn += _ends(fork, width, middle)
    for (branch, lines), top in zip(rows, tops, strict=True):
        drawn += _ways(branch, left, right, top + _height(lines) / 2, middle)
        drawn += _box(branch, lines, left, top, wide)
    return "\n".join([*drawn, "</svg>", ""])


def told(fork: Fork) -> str:
    """The drawing in words."""
    sentences = [_sentence(fork, branch) for branch in fork.branches]
    return " ".join([f"{fork.begins}: {len(sentences)} tasks at the same time.", *sentences, f"{_deadline(fork)}."])


def _deadline(fork: Fork) -> str:
    return f"{fork.due}; then {fork.escalation}"


def _sentence(fork: Fork, branch: Branch) -> str:
    said = [f"{branch.title}: {branch.state}" if branch.state else f"{branch.title}, {branch.performer}"]
    return ". ".join([*said, *_lines(fork, branch)[0 if branch.state else 1 :]]) + "."


# -- what a box says --------------------------------------------------------------------------------------------------


def _lines(fork: Fork, branch: Branch) -> list[str]:
    """Below the title: of the flow who is asked and when; of a case what stands with it."""
    if branch.state:
        return [line for note in branch.notes for line in wrap(note, CHARACTERS)]
    when = f"Asked when {branch.asked_when}" if branch.asked_when else "Always asked"
    return [branch.performer, *wrap(when, CHARACTERS)]


def _width(branch: Branch, lines: Sequence[str]) -> float:
    title = width_px(branch.title, TITLE_PX, bold=True)
    state = width_px(branch.state, LINE_PX, bold=True) + CLOCK + PAD if branch.state else 0
    return 2 * PAD + max([title + state, *(width_px(line, LINE_PX) + CLOCK for line in lines)])


def _height(lines: Sequence[str]) -> float:
    return TITLE_ROW + ROW * len(lines) + (PAD - 4 if lines else 0)


def _tops(heights: Sequence[float]) -> tuple[list[float], float]:
    """Where each box begins, and the height of the paper: never less than the gateways and their words need."""
    least = 2 * DIAMOND + 2 * MARGIN + 2 * ROW
    stack = sum(heights) + BOX_GAP * (len(heights) - 1)
    height = max(least, stack + 2 * MARGIN)
    y, tops = (height - stack) / 2, []
    for one in heights:
        tops.append(y)
        y += one + BOX_GAP
    return tops, height


def _legend(fork: Fork, x: float, y: float) -> Iterator[str]:
    yield from _clock(x + 6, y)
    yield _words(_deadline(fork), x + 6 + CLOCK, y + 4, LINE_PX)


# -- lines and boxes --------------------------------------------------------------------------------------------------


def _head(fork: Fork, width: float, height: float, *, inline: bool) -> str:
    colours = "" if inline else f' color="{INK}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{fork.name}-title {fork.name}-desc" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" font-family="{FONT}" fill="none" '
        f'stroke-width="1"{colours}>',
        f'<title id="{fork.name}-title">{escape(fork.title)}: who is asked at the same time</title>',
        f'<desc id="{fork.name}-desc">{escape(told(fork))}</desc>',
    ]
    if not inline:
        lines.append(f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>')
    return "\n".join(lines)


def _ends(fork: Fork, width: float, y: float) -> Iterator[str]:
    """The circles at both ends and the two diamonds, with what joins them."""
    begin, split = MARGIN + CIRCLE, MARGIN + 2 * CIRCLE + WAY + DIAMOND
    end, join = width - begin, width - split
    yield from _circle(fork.begins, begin, y, 'fill="currentColor"')
    yield from _arrow(begin + CIRCLE, split - DIAMOND, y)
    yield from _diamond("split", f"Split: {fork.begins.lower()}", split, y)
    yield from _diamond("join", f"Join: {fork.ends.lower()}", join, y)
    yield from _arrow(join + DIAMOND, end - CIRCLE, y)
    yield from _circle(fork.ends, end, y, _ring(3))


def _circle(title: str, x: float, y: float, drawn: str) -> Iterator[str]:
    yield f'<g><title>{escape(title)}</title><circle cx="{x:g}" cy="{y:g}" r="{CIRCLE}" {drawn}/></g>'


def _ring(width: float) -> str:
    return f'stroke="currentColor" stroke-width="{width:g}"'


def _diamond(name: str, title: str, x: float, y: float) -> Iterator[str]:
    """A parallel gateway: its plus says that all of what follows happens."""
    r, arm = DIAMOND, DIAMOND * 0.5
    yield f'<g data-gateway="{name}"><title>{escape(title)}</title>'
    yield f'<path d="M{x:g} {y - r:g}L{x + r:g} {y:g}L{x:g} {y + r:g}L{x - r:g} {y:g}Z" {_ring(1.5)}/>'
    yield f'<path d="M{x - arm:g} {y:g}H{x + arm:g}M{x:g} {y - arm:g}V{y + arm:g}" {_ring(3)}/></g>'


def _ways(branch: Branch, left: float, right: float, y: float, middle: float) -> Iterator[str]:
    """From the split into the box, and from the box to the join; broken where nobody was asked."""
    broken = ' stroke-dasharray="4 4"'
    dashes, after = broken if branch.is_idle or branch.asked_when else "", broken if branch.is_idle else ""
    split, join = left - 2 * WAY, right + 2 * WAY
    comb, uncomb = left - WAY, right + WAY
    key = quoteattr(branch.key)
    yield f'<path data-in={key} d="M{split:g} {middle:g}H{comb:g}V{y:g}H{left:g}" {SHARP}{dashes}/>'
    yield f'<path data-out={key} d="M{right:g} {y:g}H{uncomb:g}V{middle:g}H{join:g}" {SHARP}{after}/>'
    if not branch.is_idle:
        yield _tip(left, y)
        yield _tip(join, middle)


def _arrow(x1: float, x2: float, y: float) -> Iterator[str]:
    yield f'<path d="M{x1:g} {y:g}H{x2:g}" {SHARP}/>'
    yield _tip(x2, y)


def _tip(x: float, y: float) -> str:
    return f'<path d="M{x:g} {y:g}L{x - 8:g} {y - 4:g}L{x - 8:g} {y + 4:g}Z" fill="currentColor"/>'


def _box(branch: Branch, lines: Sequence[str], x: float, y: float, wide: float) -> Iterator[str]:
    tone = f' class="mp-ink--{branch.tone}"' if branch.tone else ""
    dashes = ' stroke-dasharray="5 3"' if branch.is_idle else ""
    thick = 1 if branch.is_idle or not branch.state else 2
    fill = ' fill="currentColor" fill-opacity="0.07"' if branch.state and not branch.is_idle else ""
    yield f"<g data-branch={quoteattr(branch.key)}{f' data-tone={quoteattr(branch.tone)}' if branch.tone else ''}>"
    yield f'<g{tone}><rect class="box" x="{x:g}" y="{y:g}" width="{wide:g}" height="{_height(lines):g}" rx="6" '
    yield f'stroke="currentColor" stroke-width="{thick}"{dashes}{fill}/>'
    if branch.state:
        at = x + wide - PAD
        yield _words(branch.state, at, y + 20, LINE_PX, bold=True, anchor="end")
        if branch.is_late:
            yield from _clock(at - width_px(branch.state, LINE_PX, bold=True) - 8, y + 16)
    yield "</g>"
    yield _words(branch.title, x + PAD, y + 20, TITLE_PX, bold=True)
    for number, line in enumerate(lines):
        yield _words(line, x + PAD, y + 20 + ROW * (number + 1), LINE_PX)
    yield "</g>"


def _clock(x: float, y: float) -> Iterator[str]:
    yield f'<circle cx="{x:g}" cy="{y:g}" r="5" stroke="currentColor"/>'
    yield f'<path d="M{x:g} {y - 3:g}V{y:g}H{x + 2.5:g}" stroke="currentColor"/>'


def _words(text: str, x: float, y: float, size: float, *, bold: bool = False, anchor: str = "") -> str:
    more = (' font-weight="bold"' if bold else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="currentColor"{more}>{escape(text)}</text>'
