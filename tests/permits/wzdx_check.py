"""Hold a feed against the official schema of WZDx v4.2 (public domain, in data/) and the rules it leaves out."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

SCHEMAS = Path(__file__).parent / "data" / "wzdx_v4_2"


@cache
def _validator() -> Draft7Validator:
    loaded = [json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.json"))]
    known = ((schema["$id"], Resource(contents=schema, specification=DRAFT7)) for schema in loaded)
    root = next(schema for schema in loaded if schema["$id"].endswith("/WorkZoneFeed.json"))
    return Draft7Validator(root, registry=Registry().with_resources(known), format_checker=FormatChecker())


def faults(feed: dict[str, Any]) -> list[str]:
    """What is wrong with a feed, a line a fault."""
    by_schema = [f"{list(error.absolute_path)}: {error.message[:200]}" for error in _validator().iter_errors(feed)]
    return by_schema or list(_beyond_the_schema(feed))


def _beyond_the_schema(feed: dict[str, Any]) -> Iterator[str]:
    ids = [feature["id"] for feature in feed["features"]]
    if len(ids) != len(set(ids)):
        yield "two features have one id"
    if feed["feed_info"]["version"] != "4.2":
        yield "the version is not 4.2"
    sources = {source["data_source_id"] for source in feed["feed_info"]["data_sources"]}
    for feature in feed["features"]:
        for fault in (*_wrong_references(feature["properties"]["core_details"], ids, sources), *_wrong_values(feature)):
            yield f"{feature['id']}: {fault}"


def _wrong_references(core: dict[str, Any], ids: list[str], sources: set[str]) -> Iterator[str]:
    if core["data_source_id"] not in sources:
        yield "its data source is not named"
    for related in core.get("related_road_events", []):
        if related["id"] not in ids:
            yield f"it relates to {related['id']}, which is not in the feed"


def _wrong_values(feature: dict[str, Any]) -> Iterator[str]:
    found = feature["properties"]
    for name in ("start_date", "end_date"):
        if not found[name].endswith("Z"):
            yield f"{name} is not UTC"
    if found["end_date"] < found["start_date"]:
        yield "it ends before it starts"
    lanes = found.get("lanes")
    if lanes and [lane["order"] for lane in lanes] != list(range(1, len(lanes) + 1)):
        yield "its lanes are not 1 to n from the left"
