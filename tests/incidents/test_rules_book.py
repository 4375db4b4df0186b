"""docs/incidents.md says what the code does."""

import re
from pathlib import Path

from incidents import book, guards, moves, reasons
from incidents.models import Incident
from workflow.registry import lifecycle_of

BOOK = (Path(__file__).parents[2] / "docs" / "incidents.md").read_text()


def _rows(section: str) -> list[list[str]]:
    text = re.split(r"^## ", BOOK, flags=re.M)
    [found] = [part for part in text if part.startswith(section)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines() if line[:3] == "| `"]


def test_the_book_lists_every_guard_with_its_sentence_and_the_moves_that_ask_it():
    asked: dict[str, set[str]] = {}
    for edge in lifecycle_of(Incident):
        for guard in edge.guards:
            asked.setdefault(guard.code, set()).add(edge.name)
    said = {row[0].strip("`"): (row[1], set(row[2].split(", "))) for row in _rows("Guards")}
    assert said == {guard.code: (guard.sentence, asked[guard.code]) for guard in guards.ALL}


def test_the_book_lists_every_reason_with_its_public_words():
    assert {row[0].strip("`"): row[1] for row in _rows("Reasons")} == dict(reasons.Reason.choices)


def test_the_book_says_how_long_people_have():
    assert f"within {moves.REOPENING.days} days by the link" in BOOK
    assert f"Within {guards.UNMERGE.days} days it can be taken apart" in BOOK
    assert f"awaited for {book.ANSWER_DAYS} working days" in BOOK
