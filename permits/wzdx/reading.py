"""Reads a WZDx work-zone feed, version 4, as it is: the events that can be filed, and the others with the reason.

Rules: the WZDx v4.2 schemas (WorkZoneFeed, RoadEventFeature). The verification flags and ``data_source_id`` are not
insisted on, since nothing that is filed depends on them.
"""

import json
import math
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from permits.rules.traffic import DIRECTIONS, VEHICLE_IMPACTS
from permits.wzdx.feed import DETOUR, WORK_ZONE, Event, Fault, Feed, Json, Position, Skipped, Source, objects_in

LONGEST_ID = 120  # characters


class Unreadable(Exception):
    """A file is no feed we can read; the sentence says why and what to do."""


def read_feed(path: Path) -> Feed:
    """The feed in a file. Raises Unreadable; a feature that cannot be read is among ``skipped``."""
    document = _document(path)
    info = document.get("feed_info") or document.get("road_event_feed_info")
    features = document.get("features")
    if not isinstance(info, dict) or not isinstance(features, list) or not _text(info.get("publisher")):
        raise Unreadable(
            'it is not a WZDx feed: it needs "feed_info" with a publisher, and "features". Check the file.'
        )
    version = _text(info.get("version"))
    if version.split(".")[0] != "4":
        raise Unreadable(f"it is WZDx version {version or 'unknown'}; version 4 is read. Ask the publisher for 4.2.")
    publisher = _text(info["publisher"])
    sources = objects_in(info.get("data_sources"))
    events, skipped = _events(features)
    return Feed(
        file=path.name,
        version=version,
        publisher=publisher[:LONGEST_ID],
        contact=_source(info, publisher),
        sources={str(row.get("data_source_id")): _source(row, publisher) for row in sources},
        events=tuple(events),
        skipped=tuple(skipped),
    )


def _document(path: Path) -> Json:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror or error}). Check its name and your rights.") from None
    except (ValueError, RecursionError) as error:  # also bytes that are no UTF-8
        raise Unreadable(f"it is not JSON ({str(error)[:80]}). Download the feed again.") from None
    if not isinstance(document, dict):
        raise Unreadable("it is not a WZDx feed: its JSON is not an object. Check the file.")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _source(row: Json, publisher: str) -> Source:
    return Source(
        organisation=_text(row.get("organization_name")) or publisher,
        contact_name=_text(row.get("contact_name")),
        contact_email=_text(row.get("contact_email")),
    )


def _events(features: Sequence[Any]) -> tuple[list[Event], list[Skipped]]:
    events: dict[str, Event] = {}
    skipped = []
    for number, feature in enumerate(features, start=1):
        try:
            event = _event(feature)
            if event.id in events:
                raise Fault("the file lists this identifier twice; the first is taken")
            events[event.id] = event
        except Fault as fault:
            named = feature.get("id") if isinstance(feature, dict) else None
            shown = _text(named)[:LONGEST_ID] or f"feature {number}"
            skipped.append(Skipped(feature_id=shown, about="", reason=str(fault)))
    return list(events.values()), skipped


def _event(feature: Any) -> Event:
    """The feature as an event. Raises Fault with the first thing that is wrong."""
    properties = _object(feature, "properties")
    core = _object(properties, "core_details")
    named = feature.get("id")
    if not (identifier := _text(named)) or len(identifier) > LONGEST_ID:
        raise Fault(f"it needs an id of 1 to {LONGEST_ID} characters")
    kind = _word(core, "event_type", (WORK_ZONE, DETOUR))
    names = core.get("road_names")
    if not isinstance(names, list) or not names or not all(_text(name) for name in names):
        raise Fault("core_details has no road_names")
    if kind == WORK_ZONE:
        _word(properties, "vehicle_impact", VEHICLE_IMPACTS)
        if not _text(properties.get("location_method")):
            raise Fault("it has no location_method")
    start, end = (_moment(properties, name) for name in ("start_date", "end_date"))
    if end <= start:
        raise Fault("its end_date does not come after its start_date")
    _check_storable(feature)
    return Event(
        id=identifier,
        kind=kind,
        roads=tuple(_text(name) for name in names),
        direction=_word(core, "direction", DIRECTIONS),
        start_at=start,
        end_at=end,
        line=tuple(_line(feature)),
        properties=properties,
        geometry=feature["geometry"],
    )


def _object(parent: Any, name: str) -> Json:
    found = parent.get(name) if isinstance(parent, dict) else None
    if not isinstance(found, dict):
        raise Fault(f"it has no {name}")
    return found


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _word(parent: Json, name: str, words: Collection[str]) -> str:
    word = parent.get(name)
    if word is None:
        raise Fault(f"it has no {name}")
    if not isinstance(word, str) or word not in words:
        raise Fault(f"its {name} is “{str(word)[:40]}”, which is none of {', '.join(words)}")
    return word


def _moment(properties: Json, name: str) -> datetime:
    text = properties.get(name)
    if text is None:
        raise Fault(f"it has no {name}")
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Fault(f"its {name} “{str(text)[:40]}” is not a time like 2027-02-21T14:00:00Z") from None


def _line(feature: Json) -> Iterator[Position]:
    geometry = _object(feature, "geometry")
    if geometry.get("type") not in ("LineString", "MultiPoint"):
        raise Fault("its geometry is neither a LineString nor a MultiPoint")
    points = geometry.get("coordinates")
    if not isinstance(points, list) or not all(_is_position(point) for point in points):
        raise Fault("its coordinates are not pairs of longitude and latitude")
    if len({tuple(point[:2]) for point in points}) < 2:
        raise Fault("its geometry needs two different points, where the work begins and where it ends")
    for point in points:
        yield float(point[0]), float(point[1])


def _is_position(point: Any) -> bool:
    if not isinstance(point, list) or len(point) < 2 or not all(type(number) in (int, float) for number in point):
        return False
    return all(math.isfinite(number) for number in point) and abs(point[0]) <= 180 and abs(point[1]) <= 90


def _check_storable(feature: Json) -> None:
    """JSON can carry what no database stores: numbers beyond all bounds, NUL, halves of characters."""
    try:
        text = json.dumps(feature, allow_nan=False, ensure_ascii=False, cls=DjangoJSONEncoder)
        text.encode()
    except ValueError:
        raise Fault("it holds a number or a character that cannot be stored") from None
    if "\\u0000" in text:
        raise Fault("it holds a character that cannot be stored")
