"""The table of benchmarks: each function of ROWS measures and answers lines of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line. ``aim``: what we promised, in the same words; ``ratio``: to ``beside``, measured in the same run."""

    what: str
    value: float
    unit: str
    beside: float | None = None
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.beside is None else self.value / self.beside


type Benchmark = Callable[[], Iterable[Row]]
ROWS: list[Benchmark] = []


def benchmark(measure: Benchmark) -> Benchmark:
    ROWS.append(measure)
    return measure
