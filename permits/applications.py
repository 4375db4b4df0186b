"""What an application says, and what follows from it: figures, fee, revision, conflicts. Under the engine's lock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from permits.application.validate import Verdict, from_json, to_json, validate
from permits.book.deadlines import term
from permits.book.fees import schedule
from permits.rules.codes import standard_conditions
from permits.rules.conflicts import DEFAULT_DISTANCE_M, Candidate, conflicts
from permits.rules.deadlines import classify
from permits.rules.fees import Invoice, fee
from permits.rules.geometry import bounds, from_geojson
from permits.rules.impact import ImpactIndex, RoadFacts, impact_index
from permits.rules.traffic import affects_travel_lanes, has_full_closure
from workflow.clock import WorkingDays, add_working_days, due_at
from workflow.contrib.places.counties import county_of
from workflow.errors import InvalidData, Reason
from workflow.models import Contact
from workflow.tracker import calendar

# Permits whose work may stand in another's way: filed, and not over.
LIVE_STATES = ("submitted", "info_requested", "in_review", "approved", "issued", "in_force", "active", "suspended")
# Role of a person of the application, and the answers that name, mail and ring them.
PARTIES = (
    ("applicant", "contact_name", "contact_email", "contact_phone"),
    ("contractor", "contractor_name", "contractor_email", ""),
    ("onsite", "onsite_name", "", "onsite_phone"),
    ("traffic_control", "traffic_control_name", "", "traffic_control_phone"),
)
DEGREES_PER_50_M = 0.001  # generous at every latitude of the States below 60°; shapely decides exactly


def answers_of(permit: Any) -> dict[str, Any]:
    """The cleaned values of a stored application, as the rules read them."""
    return from_json(permit.application)


def verdict_of(permit: Any) -> Verdict:
    """Every fault of the stored application."""
    return validate(permit.application)


def reasons_of(verdict: Verdict) -> list[Reason]:
    return [Reason(code=e.code, sentence=e.sentence, field=e.field) for e in verdict.errors]


def index_of(answers: Mapping[str, Any]) -> ImpactIndex:
    return impact_index(answers, road=RoadFacts.of(answers))


def fill(permit: Any, answers: Mapping[str, Any]) -> None:
    """Store the answers and everything that is worked out from them in columns of its own."""
    permit.application = to_json(answers)
    permit.category = answers.get("permit_type") or ""
    permit.holder = (answers.get("organisation") or answers.get("contact_name") or "")[:120]
    permit.route = (answers.get("route_designation") or "")[:80]
    permit.title = title_of(answers)
    permit.is_emergency = bool(answers.get("is_emergency"))
    permit.priority = 10 if permit.is_emergency else 0
    permit.start_at, permit.end_at = answers.get("start_at"), answers.get("end_at")
    _place(permit, answers)
    index = index_of(answers)
    permit.impact_index = index.value
    permit.impact_parts = [
        {"name": part.name, "points": part.points, "weight": str(part.weight), "why": part.why} for part in index.parts
    ]
    permit.full_closure = has_full_closure(answers)
    permit.permit_class = str(classify(answers, index))


def title_of(answers: Mapping[str, Any]) -> str:
    """Public wording from the type of work and the road; never the applicant's free text."""
    kind = str(answers.get("permit_type") or "road work").replace("_", " ")
    road = ", ".join(dict.fromkeys(filter(None, [answers.get("route_designation"), answers.get("road_name")])))
    return f"{kind.capitalize()} on {road}"[:200] if road else kind.capitalize()


def _place(permit: Any, answers: Mapping[str, Any]) -> None:
    permit.area = answers.get("area")
    if not permit.area:
        return
    shape = from_geojson(permit.area)
    low_lat, low_lon, high_lat, high_lon = bounds(shape)
    permit.min_latitude, permit.max_latitude = low_lat, high_lat
    permit.min_longitude, permit.max_longitude = low_lon, high_lon
    point = shape.representative_point()
    permit.latitude, permit.longitude = point.y, point.x
    county = county_of(shape)
    if county is not None:
        permit.county, permit.district = county.slug, county.district


def keep_contacts(permit: Any) -> None:
    """Write the persons of an application as rows of their own, for messages and for forgetting."""
    for role, name, email, phone in PARTIES:
        if not permit.answer(name):
            Contact.objects.filter(case=permit, role=role).delete()
            continue
        Contact.objects.update_or_create(
            case=permit,
            role=role,
            defaults={
                "name": permit.answer(name)[:120],
                "email": (permit.answer(email) or "") if email else "",
                "phone": (permit.answer(phone) or "") if phone else "",
            },
        )


def freeze(permit: Any, *, changed: Sequence[str]) -> None:
    """Keep the application as it now is as the next revision; the safety finding of an older one counts no more."""
    permit.application_revision += 1
    apps.get_model("permits.PermitRevision").objects.create(
        permit=permit,
        number=permit.application_revision,
        application=permit.application,
        changed=list(changed),
        digest=digest_of(permit.application),
    )


def digest_of(application: Mapping[str, Any]) -> str:
    """SHA-256 of an application, the same before it is stored and when it is read back from either database."""
    stored = json.loads(json.dumps(application, cls=DjangoJSONEncoder))
    return hashlib.sha256(json.dumps(_plain(stored), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    # PostgreSQL keeps a number's value, not its spelling: 1e20 comes back as a whole number.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def correct(permit: Any, changes: Mapping[str, Any]) -> list[str]:
    """Apply the applicant's corrections; answers the names that changed. Raises InvalidData, one reason a field."""
    verdict = validate({**permit.application, **changes})
    if verdict.errors:
        raise InvalidData(reasons_of(verdict))
    before = permit.application
    fill(permit, verdict.answers)
    return sorted(
        name for name in permit.application.keys() | before.keys() if permit.application.get(name) != before.get(name)
    )


def invoice(permit: Any) -> None:
    """Freeze the itemised fee at submission; what is deferred or exempt is settled at once."""
    answers = answers_of(permit)
    made = fee(answers, schedule())
    permit.invoice, permit.fee_total = made.to_json(), made.total
    if made.total == 0 or answers.get("billing") == "deferred":
        permit.fee_settled_at = timezone.now()


def invoice_of(permit: Any) -> Invoice:
    return Invoice.from_json(permit.invoice)


def standard_codes(permit: Any) -> list[str]:
    answers = answers_of(permit)
    return [str(code) for code in standard_conditions(answers, index_of(answers))]


def decision_due(permit: Any) -> WorkingDays:
    """How many working days a decision may take, by the class of the permit."""
    return WorkingDays(term(permit.permit_class).decision_days)


def notice_met(permit: Any, *, now: datetime | None = None) -> bool:
    """Whether the start keeps the minimum notice of the permit's class, or a reason says why not."""
    answers = answers_of(permit)
    if answers.get("is_emergency") or not permit.start_at:
        return True
    today = timezone.localdate(now)
    if permit.starts_on < today:
        return False
    return bool(answers.get("early_start_reason")) or permit.starts_on >= first_start(permit.permit_class, now=now)


def first_start(permit_class: str, *, now: datetime | None = None) -> Any:
    """The first day on which work of this class may start when it is filed now (after the cut-off: tomorrow counts)."""
    now = now or timezone.now()
    counts_from = timezone.localtime(due_at(now, WorkingDays(0), calendar())).date()
    return add_working_days(counts_from, term(permit_class).minimum_notice_days, calendar())


def candidate_of(permit: Any) -> Candidate:
    answers = answers_of(permit)
    return Candidate(
        reference=permit.reference,
        road=permit.route,
        shape=from_geojson(permit.area),
        start=permit.start_at,
        end=permit.end_at,
        title=permit.title,
        affects_travel_lanes=affects_travel_lanes(answers),
    )


def find_conflicts(permit: Any) -> None:
    """Look for other live work within 50 m and at the same time, and keep each as a row for the reviewer."""
    model = apps.get_model("permits.Conflict")
    model.objects.filter(permit=permit, settled_because="").delete()
    if not permit.area or not permit.start_at:
        return
    near = {other.reference: other for other in nearby(permit)}
    settled = set(model.objects.filter(permit=permit).values_list("other_id", flat=True))
    found = conflicts(
        candidate_of(permit), [candidate_of(other) for other in near.values()], distance_m=DEFAULT_DISTANCE_M
    )
    model.objects.bulk_create(
        model(
            permit=permit,
            other=near[c.reference],
            distance_m=round(c.distance_m),
            overlap_start=c.overlap_start,
            overlap_end=c.overlap_end,
            blocking=c.blocking,
            why=c.why[:300],
        )
        for c in found
        if near[c.reference].pk not in settled
    )


def nearby(permit: Any) -> Any:
    """Candidates by bounding box and window, from the index; shapely decides among them."""
    margin = DEGREES_PER_50_M
    return (
        type(permit)
        .objects.filter(state__in=LIVE_STATES, start_at__lt=permit.end_at, end_at__gt=permit.start_at)
        .filter(
            Q(min_latitude__lte=permit.max_latitude + margin, max_latitude__gte=permit.min_latitude - margin),
            Q(min_longitude__lte=permit.max_longitude + margin, max_longitude__gte=permit.min_longitude - margin),
        )
        .exclude(pk=permit.pk)[:200]
    )


def twins_of(permit: Any) -> Any:
    """Other live applications of the same holder at the same place and time: probably the same one sent twice."""
    return (
        type(permit)
        .objects.filter(
            state__in=LIVE_STATES,
            holder=permit.holder,
            category=permit.category,
            start_at=permit.start_at,
            end_at=permit.end_at,
            latitude=permit.latitude,
            longitude=permit.longitude,
        )
        .exclude(pk=permit.pk)
    )


def money(amount: Decimal) -> str:
    """$1,240.00"""
    return f"${amount:,.2f}"
