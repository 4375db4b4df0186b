"""A permit's record as officers read it: everything a decision needs on one page, in about a dozen queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from permits import applications, earlier, guards
from permits.application.review import SectionReview, review_rows
from permits.application.stored import ALL_FIELDS
from permits.book.codes import worded_all
from permits.inspections import checklist
from permits.models import Conflict, RoadPermit
from permits.rules.codes import Coded, ConditionCode, RefusalCode
from permits.rules.documents import Before, DocumentKind
from permits.rules.geometry import from_geojson
from permits.rules.inspections import SuspensionCode
from permits.rules.safety_contract import Severity, Verdict
from permits.rules.words import Labelled
from permits.sheet import county_name, where
from permits.technical import diagram as technical_diagram
from permits.technical import reviews
from permits.technical.models import TechnicalTask
from permits.technical.specialties import Recommendation, Specialty
from workflow import nearby
from workflow.admin import record as common
from workflow.admin.record import GOOD, MOVING, STOPPED, WAITING, plain_fact
from workflow.contrib.notifications.models import Message
from workflow.contrib.places.sketch import sketch
from workflow.desk import name_of
from workflow.models import Document
from workflow.viewing.pictures import can_be_drawn

MAP_SIZE = (420, 280)
# Answers that name or reach a person; shown to roles with workflow.view_contact.
PERSONAL = frozenset(
    {
        "contact_name", "contact_email", "contact_phone", "street", "city", "state", "zip", "tax_id",
        "contractor_email", "onsite_name", "onsite_phone", "traffic_control_phone", "signer_name", "signer_title",
    }
)  # fmt: skip
TECHNICAL = common.TECHNICAL | {"document", "sha256", "photos"}  # facts that say nothing to officers
VERDICTS = {
    Verdict.PASS: "Nothing stands against it",
    Verdict.ATTENTION: "Look at the warnings",
    Verdict.FAIL: "Not safe as applied for",
}
TONES = {Severity.INFO: "moving", Severity.WARNING: "waiting", Severity.BLOCKING: "stopped"}
STATE_TONES: Mapping[str, Sequence[str]] = {
    MOVING: ["submitted", "in_review", "approved", "issued"],
    WAITING: ["draft", "info_requested"],
    GOOD: ["in_force", "active", "completed"],
    STOPPED: ["suspended", "refused", "revoked"],
}  # every other state is over


def about(permit: RoadPermit, *, with_persons: bool) -> str:
    """What the first line of the record says after the title: for whom, where, when. No query."""
    holder = permit.holder if with_persons or permit.answer("organisation") else ""
    county = county_name(permit.county)
    return (
        (f" for {holder}" if holder else "")
        + (f", {county} County" if county else "")
        + (f", {when}" if (when := _period(permit)) else "")
    )


def record(permit: RoadPermit, *, with_persons: bool) -> dict[str, Any]:
    """The content of the record's page; without persons, the pages that name people are left out."""
    answers = applications.answers_of(permit)
    documents = list(permit.documents.all())
    tasks = reviews.tasks_once(permit)
    return {
        "permit": permit,
        "county": county_name(permit.county),
        "where": where(answers) if answers else "",
        "sections": _sections(answers, with_persons=with_persons),
        "safety": _safety(permit),
        "fee_lines": permit.invoice.get("lines", []),
        "conflicts": list(Conflict.objects.filter(permit=permit).select_related("other", "settled_by")),
        "around": nearby.around(permit),
        "documents": [
            (document_label(document), document, can_be_drawn(document)) for document in _newest_first(documents)
        ],
        "missing": [_label(DocumentKind, kind) for kind in _missing(permit, documents)],
        "earlier": earlier.at_the_place(permit),
        "map": _map(permit),
        "revisions": _revisions(permit),
        "messages_sent": list(Message.objects.filter(case_id=permit.pk).defer("text", "html").order_by("-pk")[:50]),
        "technical": _technical(tasks),
        "technical_drawn": technical_diagram.live(tasks),
        "conditions": _texts(ConditionCode, permit.conditions, permit.decided_at),
        "refusal": _texts(RefusalCode, permit.reasons, permit.decided_at),
    }


def _period(permit: RoadPermit) -> str:
    if permit.start_at is None or permit.end_at is None:
        return ""
    first, last = timezone.localtime(permit.start_at), timezone.localtime(permit.end_at)
    year = "" if first.year == last.year else f", {first.year}"
    return f"{first:%b} {first.day}{year} to {last:%b} {last.day}, {last.year}"


def _sections(answers: Mapping[str, Any], *, with_persons: bool) -> Sequence[SectionReview]:
    shown = {name: value for name, value in answers.items() if with_persons or name not in PERSONAL}
    return [section for section in review_rows(shown) if section.rows] if shown else []


def _safety(permit: RoadPermit) -> dict[str, Any]:
    """The machine's finding; ``is_current`` is false when the application changed since."""
    if not permit.safety.get("verdict"):
        return {}
    verdict = Verdict(permit.safety["verdict"])
    order = list(reversed(Severity))
    findings = sorted(permit.safety.get("findings", []), key=lambda finding: order.index(Severity(finding["severity"])))
    return {
        "verdict": VERDICTS[verdict],
        "tone": {Verdict.PASS: "good", Verdict.ATTENTION: "waiting", Verdict.FAIL: "stopped"}[verdict],
        "findings": [{**finding, "tone": TONES[Severity(finding["severity"])]} for finding in findings],
        "is_current": permit.safety.get("revision") == permit.application_revision,
        "rules_version": permit.safety.get("rules_version", ""),
    }


def _technical(tasks: Sequence[TechnicalTask]) -> list[dict[str, Any]]:
    """The branches of the technical review with their state; empty when no specialist was asked."""
    branches = []
    for task in tasks:
        state, tone = reviews.state_of(task)
        conditions = _texts(ConditionCode, task.conditions)
        branches.append(
            {"task": task, "state": state, "tone": tone, "who": name_of(task.owner), "conditions": conditions}
        )
    return branches


def document_label(document: Document) -> str:
    return _label(DocumentKind, document.kind)


def _missing(permit: RoadPermit, documents: Sequence[Document]) -> list[str]:
    if permit.is_closed or permit.documents_waived_because:
        return []
    there = {document.kind for document in documents if document.replaced_at is None}
    return guards.missing_documents(permit, before=frozenset({Before.SUBMISSION}), there=there)


def _newest_first(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: (document.replaced_at is not None, -document.pk))


def _map(permit: RoadPermit) -> SafeString | None:
    # The sketch escapes what it prints; its words come from our own map of counties.
    return mark_safe(sketch(from_geojson(permit.area), *MAP_SIZE)) if permit.area else None  # noqa: S308


def _revisions(permit: RoadPermit) -> list[tuple[Any, str]]:
    labels = {name: str(field.label) for name, field in ALL_FIELDS.items()}
    found = permit.revisions.defer("application").order_by("-number")
    return [(one, ", ".join(labels.get(name, name) for name in one.changed)) for one in found]


def fact(value: Any) -> str:
    """A value of the history in words; a finding and a kind of document by their names."""
    match value:
        case {"verdict": verdict} if verdict in set(Verdict):
            return str(VERDICTS[Verdict(verdict)])
        case str() if value in set(DocumentKind):
            return _label(DocumentKind, value)
        case str() if value in set(Specialty):
            return Specialty(value).label
        case str() if value in set(Recommendation):
            return Recommendation(value).label
        case str() if value in set(SuspensionCode):
            return SuspensionCode(value).label
        case [{"item": _, "answer": _}, *_]:
            return checklist.told(value)
        case [*words] if words and all(word in Specialty.values for word in words):
            return ", ".join(Specialty(word).label for word in words)
    return plain_fact(value)


def _texts(codes: type[Coded], chosen: Sequence[str], at: datetime | None = None) -> list[Any]:
    return worded_all(codes, [code for code in chosen if code in set(codes)], at)


def _label(words: type[Labelled], word: str) -> str:
    return words(word).label if word in set(words) else word.replace("_", " ").capitalize()
