"""Reports for feed readers (Atom with GeoRSS) and spreadsheets (CSV with the columns of Open311 GeoReport Bulk)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from incidents import places
from incidents.catalogue import Catalogue
from incidents.masking import masked
from incidents.models import Incident
from incidents.public.filters import Filter
from workflow.models import Team

MOST_ENTRIES = 100
CHUNK = 2000
GEORSS = "http://www.georss.org/georss"
COLUMNS = (
    "service_request_id", "requested_datetime", "updated_datetime", "closed_date", "status_description",
    "status_notes", "source", "service_name", "service_subtype", "description", "agency_responsible", "address",
    "lat", "long",
)  # fmt: skip
_READ = (
    "reference", "created_at", "updated_at", "ended_at", "status", "state", "public_sentence", "source", "category",
    "description", "team_id", "address", "route", "direction", "milepost", "county", "latitude", "longitude",
)  # fmt: skip
# A spreadsheet runs what begins like this; behind an apostrophe it is text.
_FORMULA = re.compile(r"\s*[=+\-@|%\t\r\n]")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class IncidentFeed(Atom1Feed):
    """Atom with the point of each entry as ``georss:point`` (latitude longitude)."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:georss": GEORSS}

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(handler, item)
        if item["point"]:
            handler.addQuickElement("georss:point", item["point"])


def atom(wanted: Filter, *, title: str, page: str, address: str) -> str:
    """The newest reports as an Atom document. ``page``: where a person reads the same; ``address``: of the feed.

    One query.
    """
    feed = IncidentFeed(
        title=title, link=page, description="", language="en-us", feed_url=address, feed_guid=address,
        author_name=settings.AGENCY_NAME, author_link=settings.SITE_URL,
    )  # fmt: skip
    for incident in wanted.narrow().order_by("-pk")[:MOST_ENTRIES]:
        url = f"{settings.SITE_URL}/incidents/{incident.reference}/"
        feed.add_item(
            title=_xml(f"{incident.title}: {incident.public_label}"),
            link=url,
            unique_id=url,
            pubdate=incident.created_at,
            updateddate=incident.updated_at,
            description=_summary(incident),
            categories=[incident.category],
            point="" if incident.latitude is None else f"{incident.latitude:.6f} {incident.longitude:.6f}",
        )
    return str(feed.writeString("utf-8"))


def _summary(incident: Incident) -> str:
    """HTML, because Atom readers show it as such: everything in it is escaped."""
    lines = (masked(places.where(incident)), masked(incident.description), incident.public_sentence)
    return "".join(f"<p>{escape(_xml(line))}</p>" for line in lines if line)


def _xml(text: str) -> str:
    """Without the characters XML has no way to write."""
    return _NOT_XML.sub("", text)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def csv_lines(wanted: Filter, known: Catalogue) -> Iterator[str]:
    """The export line by line, newest first, so that a million reports need no more memory than a thousand."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)  # the mark tells Excel that this is UTF-8
    teams = dict(Team.objects.values_list("pk", "name"))
    for incident in wanted.narrow().only(*_READ).order_by("-pk").iterator(chunk_size=CHUNK):
        yield writer.writerow(_cells(row_of(incident, known, teams)))


def row_of(incident: Incident, known: Catalogue, teams: Mapping[int, str]) -> tuple[Any, ...]:
    """One report in the order of COLUMNS."""
    return (
        incident.reference,
        _moment(incident.created_at),
        _moment(incident.updated_at),
        _moment(incident.ended_at),
        incident.status,
        incident.public_sentence,
        incident.source,
        known.name(incident.category),
        incident.public_label,
        masked(incident.description),
        teams.get(incident.team_id or 0, settings.AGENCY_NAME),
        masked(places.where(incident)),
        incident.latitude,
        incident.longitude,
    )


def _cells(values: Iterable[Any]) -> list[Any]:
    return [f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value for value in values]


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
