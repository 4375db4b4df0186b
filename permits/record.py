"""A permit's record as officers read it: everything a decision needs on one page, in about a dozen queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from permits import applications, guards
from permits.application.review import SectionReview, review_rows
from permits.application.stored import ALL_FIELDS
from permits.models import Conflict, RoadPermit
from permits.rules.codes import Coded, ConditionCode, RefusalCode
from permits.rules.documents import Before, DocumentKind
from permits.rules.geometry import from_geojson
from permits.rules.safety_contract import Severity, Verdict
from permits.rules.words import Labelled
from permits.sheet import county_name, where
from workflow.contrib.notifications.models import Message
from workflow.contrib.places.sketch import sketch
from workflow.models import Document, Event
from workflow.registry import registry
from workflow.tracker import Standing, label_of, standing, timeline

MAP_SIZE = (420, 280)
# Answers that name or reach a person; shown to roles with workflow.view_contact.
PERSONAL = frozenset(
    {
        "contact_name", "contact_email", "contact_phone", "street", "city", "state", "zip", "tax_id",
        "contractor_email", "onsite_name", "onsite_phone", "traffic_control_phone", "signer_name", "signer_title",
    }
)  # fmt: skip
TECHNICAL = frozenset({"step", "service", "steps", "document", "sha256"})  # facts that say nothing to officers
VERDICTS = {
    Verdict.PASS: "Nothing stands against it",
    Verdict.ATTENTION: "Look at the warnings",
    Verdict.FAIL: "Not safe as applied for",
}
TONES = {Severity.INFO: "moving", Severity.WARNING: "waiting", Severity.BLOCKING: "stopped"}
STATE_TONES: Mapping[str, str] = {
    **dict.fromkeys(["submitted", "in_review", "approved", "issued"], "moving"),
    **dict.fromkeys(["draft", "info_requested"], "waiting"),
    **dict.fromkeys(["in_force", "active", "completed"], "good"),
    **dict.fromkeys(["suspended", "refused", "revoked"], "stopped"),
}  # every other state is over


def state_tone(state: str) -> str:
    """The colour of a badge: moving, waiting, good, stopped, over. Words say the same."""
    return STATE_TONES.get(state, "over")


def load(pk: str) -> RoadPermit | None:
    """One filed permit with the people and the team its record names; a draft is the applicant's. One query."""
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    related = ("team", "assignee", "decided_by", "permit_document")
    filed: Any = RoadPermit.objects.select_related(*related).filter(pk=pk, team__isnull=False)
    found: RoadPermit | None = filed.first()
    return found


def head(permit: RoadPermit, *, with_persons: bool) -> dict[str, Any]:
    """What every page about a permit says first. No query."""
    now: Standing = standing(permit)
    return {
        "permit": permit,
        "standing": now,
        "state_tone": state_tone(permit.state),
        "holder": permit.holder if with_persons or permit.answer("organisation") else "",
        "county": county_name(permit.county),
        "when": _period(permit.start_at, permit.end_at),
    }


def record(permit: RoadPermit, *, with_persons: bool) -> dict[str, Any]:
    """The content of the record's page; without persons, the pages that name people are left out."""
    answers = applications.answers_of(permit)
    events = timeline(permit)
    documents = list(permit.documents.all())
    return {
        **head(permit, with_persons=with_persons),
        "where": where(answers) if answers else "",
        "sections": _sections(answers, with_persons=with_persons),
        "with_persons": with_persons,
        "safety": _safety(permit),
        "fee_lines": permit.invoice.get("lines", []),
        "conflicts": list(Conflict.objects.filter(permit=permit).select_related("other", "settled_by")),
        "documents": [(_label(DocumentKind, document.kind), document) for document in _newest_first(documents)],
        "missing": [_label(DocumentKind, kind) for kind in _missing(permit)],
        "map": _map(permit),
        "revisions": _revisions(permit),
        "messages_sent": list(Message.objects.filter(case_id=permit.pk).defer("text", "html").order_by("-pk")[:50]),
        "timeline": [_line(permit, event) for event in reversed(events)],
        "steps": _steps(permit, events),
        "conditions": _texts(ConditionCode, permit.conditions),
        "refusal": _texts(RefusalCode, permit.reasons),
    }


def _period(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    first, last = timezone.localtime(start), timezone.localtime(end)
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


def _missing(permit: RoadPermit) -> list[str]:
    if permit.is_closed or permit.documents_waived_because:
        return []
    return guards.missing_documents(permit, before=frozenset({Before.SUBMISSION}))


def _newest_first(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: (document.replaced_at is not None, -document.pk))


def _map(permit: RoadPermit) -> SafeString | None:
    # The sketch escapes what it prints; its words come from our own map of counties.
    return mark_safe(sketch(from_geojson(permit.area), *MAP_SIZE)) if permit.area else None  # noqa: S308


def _revisions(permit: RoadPermit) -> list[tuple[Any, str]]:
    labels = {name: str(field.label) for name, field in ALL_FIELDS.items()}
    found = permit.revisions.defer("application").order_by("-number")
    return [(one, ", ".join(labels.get(name, name) for name in one.changed)) for one in found]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the timeline in words."""

    at: datetime
    seq: int
    what: str
    who: str
    moved_to: str
    note: str
    facts: list[tuple[str, str]]
    public: bool


def _line(permit: RoadPermit, event: Event) -> Line:
    moved = event.to_state if event.to_state != event.from_state else ""
    return Line(
        at=event.at,
        seq=event.seq,
        what=label_of(permit, event),
        who=event.actor,
        moved_to=str(permit.State(moved).label) if moved in permit.State.values else moved,
        note=event.note,
        facts=_facts(event.data),
        public=event.public,
    )


def _facts(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = {name: _fact(value) for name, value in data.items() if name not in TECHNICAL}
    return [(name.replace("_", " ").capitalize(), text) for name, text in told.items() if text]


def _fact(value: Any) -> str:
    """A value of an event in words: short ones only, the record shows the rest in full."""
    match value:
        case dict():
            verdict = value.get("verdict")
            return str(VERDICTS[Verdict(verdict)]) if verdict in set(Verdict) else ", ".join(map(str, value))
        case list():
            texts = (str(one.get("text", "")) if isinstance(one, dict) else str(one) for one in value)
            return "; ".join(text for text in texts if text)
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case _:
            return _label(DocumentKind, value) if value in set(DocumentKind) else str(value)


def _steps(permit: RoadPermit, events: Sequence[Event]) -> list[tuple[str, str]]:
    """The steps of the workflow: (title, done | current | paused | ahead)."""
    workflow = registry.get(permit.workflow, permit.workflow_version)
    visited = set(chain.from_iterable((event.from_state, event.to_state) for event in events))
    pausing = permit.return_state if permit.paused_at is not None else ""
    marked = []
    for step in workflow.steps:
        if step.state == permit.state:
            mark = "current"
        elif step.state == pausing:
            mark = "paused"
        else:
            mark = "done" if step.state in visited else "ahead"
        marked.append((step.title, mark))
    return marked


def _texts(codes: type[Coded], chosen: Sequence[str]) -> list[Any]:
    return [codes(code) for code in chosen if code in set(codes)]


def _label(words: type[Labelled], word: str) -> str:
    return words(word).label if word in set(words) else word.replace("_", " ").capitalize()
