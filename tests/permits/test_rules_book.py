"""The rule book says what the code does."""

import re
from pathlib import Path

import pytest

from permits.rules.codes import ConditionCode, RefusalCode
from permits.rules.deadlines import TERMS
from permits.rules.fees import SCHEDULE

BOOK = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
SECTIONS = {
    title.lower().replace(" ", "-"): text for title, text in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", BOOK, re.M)
}


@pytest.mark.parametrize(
    "anchor",
    ["conditions", "fees", "impact-index", "deadlines", "guards", "safety", "documents", "conflicts", "clock"],
)
def test_a_section_that_others_link_to_is_there(anchor):
    assert "|" in SECTIONS[anchor] or anchor in ("conflicts", "clock")


@pytest.mark.parametrize(("codes", "anchor"), [(ConditionCode, "conditions"), (RefusalCode, "refusals")])
def test_the_book_lists_every_code_with_its_title(codes, anchor):
    rows = re.findall(r"^\| ([CR]\d\d) \| ([^|]+?) \|", SECTIONS[anchor], re.M)
    assert rows == codes.choices()


@pytest.mark.parametrize("permit_class", TERMS)
def test_the_book_states_the_terms_of_every_class(permit_class):
    (row,) = re.findall(rf"^\| {permit_class} \|.*$", SECTIONS["deadlines"], re.M)
    term = TERMS[permit_class]
    assert f"| {term.decision_days} bd | {term.minimum_notice_days}" in row


def test_the_book_states_every_amount_of_the_schedule():
    stated = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", SECTIONS["fees"])}
    amounts = [
        SCHEDULE.application,
        SCHEDULE.application_driveway_person,
        SCHEDULE.reinspection,
        SCHEDULE.other_amendment,
    ]
    amounts += [SCHEDULE.extension_per_6_months, SCHEDULE.aerial_first_poles, SCHEDULE.aerial_more_pole]
    amounts += [SCHEDULE.kept_before_review, *(price for _, price in SCHEDULE.driveway)]
    amounts += [*SCHEDULE.excavation_per_100_ft.values(), *SCHEDULE.small_opening.values()]
    assert set(amounts) <= stated
