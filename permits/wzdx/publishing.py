"""Permits in force as a WZDx v4.2 feed. docs/wzdx.md says what of a permit becomes what of a feature."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from permits.application.choices import LocationMethod, PermitType, VehicleImpact, WorkType
from permits.lifecycle import State
from permits.models import RoadPermit

VERSION = "4.2"
NAMESPACE = uuid.UUID("0c5b7f0e-6d5e-5c39-8a3e-3f6f0a7d2b11")  # of the ids of sources and features
KPH_PER_MPH = 1.609344
STAYS = timedelta(hours=1)  # a finished work zone, so that readers see it end
RUNNING = (State.IN_FORCE, State.ACTIVE, State.SUSPENDED)
# A parade is no work zone.
NOT_A_WORK_ZONE = (PermitType.SPECIAL_EVENT,)
FIELDS = (
    "reference", "state", "category", "application", "title", "start_at", "end_at", "actual_start_at", "actual_end_at",
    "issued_at", "created_at", "updated_at", "closed_at",
)  # fmt: skip

type Json = dict[str, Any]


def published(now: datetime | None = None) -> Any:
    """The permits whose work zones are public: planned, under way, suspended, or finished within the hour."""
    now = now or timezone.now()
    finished = Q(state=State.COMPLETED, actual_end_at__gte=now - STAYS)
    return RoadPermit.objects.filter(Q(state__in=RUNNING) | finished).exclude(category__in=NOT_A_WORK_ZONE)


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One edition of the feed: the same count and the same last change are the same feed. One query."""

    count: int
    changed_at: datetime

    @classmethod
    def of(cls, permits: Any) -> Edition:
        found = permits.aggregate(count=Count("pk"), changed_at=Max("updated_at"))
        return cls(count=found["count"], changed_at=found["changed_at"] or datetime(2000, 1, 1, tzinfo=UTC))


def feed(permits: Any, edition: Edition) -> Json:
    """The whole feed as JSON values. One query, whatever the number of permits."""
    rows = permits.only(*FIELDS).order_by("pk")
    return {
        "feed_info": {
            "publisher": settings.AGENCY_NAME,
            "version": VERSION,
            "license": "https://creativecommons.org/publicdomain/zero/1.0/",
            "update_frequency": 60,
            "update_date": moment_of(edition.changed_at),
            "contact_name": settings.AGENCY_NAME,
            "contact_email": settings.AGENCY_EMAIL,
            "data_sources": [
                {
                    "data_source_id": source_id(),
                    "organization_name": f"{settings.AGENCY_NAME}, road permits",
                    "update_date": moment_of(edition.changed_at),
                }
            ],
        },
        "type": "FeatureCollection",
        "features": [feature for permit in rows.iterator(chunk_size=500) for feature in features_of(permit)],
    }


def source_id() -> str:
    """The same on every machine of the agency, and no other agency's."""
    return str(uuid.uuid5(NAMESPACE, settings.SITE_URL))


def features_of(permit: Any) -> list[Json]:
    """One feature a direction and a night, and the detours. Empty for work that drivers do not meet. No query."""
    answers = permit.application
    strands = list(_strands(permit, answers))
    detours = list(_detours(permit, answers))
    for strand in strands:
        strand["properties"]["core_details"]["related_road_events"] = _related(strand, strands, detours)
    return [_clean(feature) for feature in (*strands, *detours)]


def feature_id(permit: Any, *parts: object) -> str:
    """Stable for the life of the permit: the same part has the same id in every edition."""
    return str(uuid.uuid5(NAMESPACE, "/".join(map(str, (permit.reference, *parts)))))


# -- the work zone, one feature a direction and window ----------------------------------------------------------------


def _strands(permit: Any, answers: Mapping[str, Any]) -> Iterator[Json]:
    for impact in answers.get("impacts") or []:
        line = impact.get("centerline")
        if not line:
            continue
        for number, window in enumerate(_windows(permit, answers)):
            key = (impact["direction"], number) if number else (impact["direction"],)
            yield {
                "id": feature_id(permit, *key),
                "type": "Feature",
                "geometry": line,
                "properties": _properties(permit, answers, impact, window),
                "_direction": impact["direction"],
            }


def _windows(permit: Any, answers: Mapping[str, Any]) -> Sequence[tuple[datetime, datetime]]:
    """When there is work: the single nights of work that comes back, else from the first to the last day."""
    nights = [
        (start, end)
        for night in answers.get("recurring") or []
        if (start := _parsed(night["start_at"])) and (end := _parsed(night["end_at"]))
    ]
    if nights:
        return nights
    return [(permit.actual_start_at or permit.start_at, permit.actual_end_at or permit.end_at)]


def _properties(
    permit: Any, answers: Mapping[str, Any], impact: Mapping[str, Any], window: tuple[datetime, datetime]
) -> Json:
    start, end = window
    return {
        "core_details": _core(permit, answers, "work-zone", impact["direction"], _roads(answers)),
        "beginning_cross_street": answers.get("from_cross_street"),
        "ending_cross_street": answers.get("to_cross_street"),
        **_mileposts(answers, impact["direction"]),
        "start_date": moment_of(start),
        "end_date": moment_of(max(start, end)),
        "is_start_date_verified": permit.actual_start_at is not None,
        "is_end_date_verified": permit.actual_end_at is not None,
        # A notice of start tells a time; where the first cone stands, nobody has measured.
        "is_start_position_verified": False,
        "is_end_position_verified": False,
        "work_zone_type": "static",
        "vehicle_impact": impact["vehicle_impact"],
        "location_method": _location_method(answers),
        "reduced_speed_limit_kph": _kph(answers.get("work_zone_speed_mph")),
        "lanes": [{"order": one["order"], "type": one["type"], "status": one["status"]} for one in _lanes(impact)],
        "restrictions": [_restriction(one) for one in answers.get("restrictions") or []],
        "types_of_work": [
            {
                "type_name": answers.get("work_type") or WorkType.MAINTENANCE.value,
                "is_architectural_change": bool(answers.get("is_architectural_change")),
            }
        ],
    }


def _core(permit: Any, answers: Mapping[str, Any], kind: str, direction: str, roads: Sequence[str]) -> Json:
    return {
        "event_type": kind,
        "data_source_id": source_id(),
        "name": permit.reference,
        "description": public_description(permit, answers),
        "road_names": list(roads),
        "direction": direction,
        "creation_date": moment_of(permit.issued_at or permit.created_at),
        "update_date": moment_of(permit.updated_at),
    }


def public_description(permit: Any, answers: Mapping[str, Any]) -> str:
    """Our own words from what was ticked; an applicant's free text may name persons."""
    work = answers.get("work_type")
    label = WorkType(work).label if work in WorkType.values else PermitType(permit.category).label
    impacts = {one["vehicle_impact"] for one in answers.get("impacts") or []}
    met = [VehicleImpact(word).label for word in VehicleImpact.values if word in impacts and word != "unknown"]
    stopped = ["Work is suspended"] if permit.state == State.SUSPENDED else []
    return ". ".join([label, *met, *stopped]) + "."


def _roads(answers: Mapping[str, Any]) -> list[str]:
    names = [answers.get("route_designation"), answers.get("road_name")]
    return list(dict.fromkeys(str(name) for name in names if name)) or ["Unnamed road"]


def _mileposts(answers: Mapping[str, Any], direction: str) -> Json:
    """Miles count up northbound and eastbound; in the other direction the work begins at the higher one."""
    low, high = answers.get("from_milepost"), answers.get("to_milepost")
    if low in (None, "") or high in (None, ""):
        return {}
    ends = sorted((float(str(low)), float(str(high))), reverse=direction in ("southbound", "westbound"))
    return {"beginning_milepost": ends[0], "ending_milepost": ends[1]}


def _location_method(answers: Mapping[str, Any]) -> str:
    said = answers.get("location_method")
    if said in LocationMethod.values:
        return str(said)
    by_junction = answers.get("from_cross_street") and not answers.get("from_milepost")
    return "junction-method" if by_junction else "other"


def _lanes(impact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All lanes from left to right, or none: readers take what is listed for the whole road."""
    return sorted(impact.get("lanes") or [], key=lambda one: one["order"])


def _restriction(limit: Mapping[str, Any]) -> Json:
    value = limit.get("value")
    measured = {"value": float(value), "unit": limit["unit"]} if value not in (None, "") and limit.get("unit") else {}
    return {"type": limit["type"], **measured}


# -- detours and relations --------------------------------------------------------------------------------------------


def _detours(permit: Any, answers: Mapping[str, Any]) -> Iterator[Json]:
    start, end = permit.actual_start_at or permit.start_at, permit.actual_end_at or permit.end_at
    for number, line in enumerate(answers.get("detour_lines") or []):
        road = line.get("road_name") or "Unnamed road"
        yield {
            "id": feature_id(permit, "detour", number),
            "type": "Feature",
            "geometry": line["geometry"],
            "properties": {
                "core_details": _core(permit, answers, "detour", line.get("direction") or "unknown", [road]),
                "start_date": moment_of(start),
                "end_date": moment_of(max(start, end)),
                "is_start_date_verified": permit.actual_start_at is not None,
                "is_end_date_verified": permit.actual_end_at is not None,
            },
        }


def _related(strand: Json, strands: Sequence[Json], detours: Iterable[Json]) -> list[Json]:
    """The other direction, the first and the next night of the same direction, the detours."""
    own = [one for one in strands if one["_direction"] == strand["_direction"]]
    place = own.index(strand)
    others = {one["_direction"]: one for one in reversed(strands) if one["_direction"] != strand["_direction"]}
    related = [{"type": "related-work-zone", "id": one["id"]} for one in others.values()]
    if len(own) > 1:
        related.append({"type": "first-occurrence", "id": own[0]["id"]})
    if place + 1 < len(own):
        related.append({"type": "next-occurrence", "id": own[place + 1]["id"]})
    return [*related, *({"type": "related-detour", "id": one["id"]} for one in detours)]


# -- values -----------------------------------------------------------------------------------------------------------


def _clean(feature: Json) -> Json:
    """Without what is not known: the format has no null."""
    kept = {name: value for name, value in feature["properties"].items() if value not in (None, "", [])}
    core = kept["core_details"]
    kept["core_details"] = {name: value for name, value in core.items() if value not in (None, "", [])}
    return {"id": feature["id"], "type": "Feature", "geometry": feature["geometry"], "properties": kept}


def _kph(mph: object) -> float | None:
    return round(float(str(mph)) * KPH_PER_MPH, 1) if mph else None


def moment_of(at: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parsed(text: str) -> datetime | None:
    found = parse_datetime(text)
    if found is not None and timezone.is_naive(found):
        found = timezone.make_aware(found)
    return found
