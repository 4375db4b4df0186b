"""The pages of the form in their order, which faults belong to which, and what is said on the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from incidents.answers import in_words
from incidents.catalogue import Catalogue
from incidents.models import Datatype, Incident, Report
from incidents.opening import set_place
from incidents.places import where
from incidents.report import draft
from incidents.report.draft import CHECK, DETAILS, PLACE, WHAT
from incidents.reporting import PLACE_FIELDS, Checked, check
from workflow.errors import Reason

PAGES = (WHAT, PLACE, DETAILS, CHECK)
NAMES = ("What", "Where", "Details", "Send")
STOPS = ("category_stops", "answer_stops")


def progress(page: str) -> dict[str, Any]:
    """What the step indicator needs."""
    return {"names": NAMES, "current": PAGES.index(page)}


def page_of(fault: Reason) -> str:
    name = fault.field.split(".")[0]
    if name in PLACE_FIELDS:
        return PLACE
    if name in draft.PERSON:
        return CHECK
    return DETAILS if name in ("description", "answers") else WHAT


def examine(report: Report, known: Catalogue) -> Checked:
    """The whole draft as it stands. At most two queries."""
    checked = check(draft.data_of(report, known), known)
    return Checked(values=checked.values, errors=[*checked.errors, *draft.details_form(report, known).unreadable()])


def faults_of(checked: Checked, page: str) -> list[Reason]:
    return [fault for fault in checked.errors if page_of(fault) == page]


def stop_of(checked: Checked) -> tuple[str, str]:
    """(sentence, page) of the answer that ends the form; empty when none does."""
    fault = next((one for one in checked.errors if one.code in STOPS), None)
    return (fault.sentence, page_of(fault)) if fault else ("", "")


def first_open(report: Report, checked: Checked, *, before: str = CHECK) -> str:
    """The first page up to ``before`` that was not sent or has a fault; ``before`` when none is."""
    for page in PAGES[: PAGES.index(before)]:
        if page not in report.typed or faults_of(checked, page):
            return page
    return before


def page_url(report: Report, page: str, *, checked: bool = False) -> str:
    path = reverse(f"incidents:report_{page}", args=[report.token])
    return f"{path}?check=1" if checked else path


def start_url() -> str:
    return reverse("incidents:report")


def place_words(values: Mapping[str, Any]) -> str:
    """The place of a draft in one line."""
    incident = Incident()
    set_place(incident, values)
    return where(incident)


def rows_of(report: Report, known: Catalogue, checked: Checked) -> Sequence[tuple[str, str, list[tuple[str, str]]]]:
    """(title, page, [(question, answer)]) of everything that will be sent."""
    values = checked.values
    questions = known.questions_of(values["category"])
    answers = dict(values["answers"])
    for question in questions:
        if question.datatype == Datatype.DATETIME and (moment := parse_datetime(str(answers.get(question.code, "")))):
            answers[question.code] = date_format(timezone.localtime(moment), "F j, Y, g:i A")
    details = in_words(questions, answers)
    if values["description"]:
        details.append(("What did you see?", values["description"]))
    point = []
    if values["latitude"] is not None:
        point = [("Point on the map", f"{values['latitude']:.5f}, {values['longitude']:.5f}")]
    address = [("Address or landmark", values["address"])] if values["address"] else []
    place = place_words(values)
    seen = [("Where", place)] if place not in (values["address"], "") else []
    return [
        ("What is wrong", WHAT, [("Problem", known.name(values["category"]))]),
        ("Where it is", PLACE, [*seen, *address, *point]),
        ("Details", DETAILS, details),
    ]
