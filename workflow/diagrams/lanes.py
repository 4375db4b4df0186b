"""In which order the vertical lines of moves lie beside each other, so that few lines cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

ROUNDS = 20


@dataclass(kw_only=True)
class Lane:
    """The vertical line of one move, and the heights at which it is joined from the left and from the right."""

    move: str
    left: set[float] = field(default_factory=set)
    right: set[float] = field(default_factory=set)

    @property
    def top(self) -> float:
        return min(self.left | self.right)

    @property
    def bottom(self) -> float:
        return max(self.left | self.right)

    def crossed_at(self, ys: set[float]) -> int:
        return sum(self.top <= y <= self.bottom for y in ys)


def in_best_order(lanes: Sequence[Lane]) -> list[Lane]:
    """From left to right: begins with the short ones inside, then moves each to where it crosses least, until nothing
    gets better."""
    order = sorted(lanes, key=lambda lane: (lane.bottom - lane.top, lane.move))
    for _ in range(ROUNDS):
        before = list(order)
        for lane in before:
            rest = [other for other in order if other is not lane]
            tries = [[*rest[:at], lane, *rest[at:]] for at in range(len(order))]
            order = min([order, *tries], key=crossings)
        if order == before:
            break
    return order


def crossings(order: Sequence[Lane]) -> int:
    """How often a line into a lane crosses another lane, from left to right."""
    return sum(
        one.crossed_at(other.left) + other.crossed_at(one.right)
        for number, one in enumerate(order)
        for other in order[number + 1 :]
    )
