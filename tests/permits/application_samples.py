"""Whole applications to vary, and a browser's eye: what a rendered form would post."""

from datetime import date
from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict

from permits.application.example import example
from permits.application.sections import SECTIONS
from permits.application.validate import Verdict, validate

TODAY = date(2026, 11, 23)
POINT = {"type": "Point", "coordinates": [-93.6103, 42.0190]}
LINE = {"type": "LineString", "coordinates": [[-93.6103, 42.0176], [-93.6103, 42.0190], [-93.6104, 42.0204]]}
SQUARE = [[-93.611, 42.018], [-93.610, 42.018], [-93.610, 42.019], [-93.611, 42.019], [-93.611, 42.018]]


def application(*without: str, **changes: Any) -> dict[str, Any]:
    """The valid example with some answers left out and some changed."""
    return {name: value for name, value in (example(TODAY) | changes).items() if name not in without}


def impact(direction: str = "northbound", word: str = "some-lanes-closed", **more: Any) -> dict[str, Any]:
    return {"direction": direction, "vehicle_impact": word} | more


def opening(**changes: Any) -> dict[str, Any]:
    return {"surface": "pavement", "length_ft": "18", "width_ft": "6", "max_depth_ft": "4.5"} | changes


def lanes(*types_and_statuses: str) -> list[dict[str, Any]]:
    """``lanes("general open", "shoulder closed")``, from left to right."""
    pairs = [text.split() for text in types_and_statuses]
    return [{"order": place, "type": kind, "status": status} for place, (kind, status) in enumerate(pairs, start=1)]


ROADSIDE = {
    "row_portion": ["roadside"],
    "impacts": [],
    "ttcp_kind": "",
    "ttcp_number": "",
    "traffic_control_name": "",
    "traffic_control_phone": "",
    "work_zone_speed_mph": None,
    "restrictions": [],
    "location_method": "",
}
KINDS: dict[str, dict[str, Any]] = {
    "utility": application(),
    "driveway": application(
        **ROADSIDE
        | {"permit_type": "driveway", "land_use": "residential", "daily_trips": 10, "sight_distance_ft": 450},
        applicant_kind="person",
        organisation="",
        tax_id="",
        signer_title="",
        area=POINT,
        excavation=False,
        excavations=[],
    ),
    "lane_closure": application(
        permit_type="lane_closure",
        excavation=False,
        excavations=[],
        impacts=[
            impact("northbound", "all-lanes-closed", centerline=LINE, source_id="A-1"),
            impact("southbound", "alternating-one-way", lanes=lanes("general alternating-flow", "shoulder open")),
        ],
        ttcp_kind="custom_plan",
        detour_text="US-69 to South 16th Street, then University Boulevard to Lincoln Way.",
        detour_lines=[
            {"road_name": "South 16th Street", "direction": "westbound", "geometry": LINE, "source_id": "D-1"}
        ],
        recurring=[{"start_at": "2027-01-25T20:00", "end_at": "2027-01-26T04:00", "source_id": "n1"}],
    ),
    "excavation": application(
        permit_type="excavation",
        is_emergency=True,
        emergency_reason="A water main broke.",
        emergency_started_at="2026-11-23T02:10",
        area={"type": "Polygon", "coordinates": [SQUARE]},
        excavations=[opening(max_depth_ft="6"), opening(same_length=True), opening(surface="unpaved")],
        shoring_declared=True,
        night_work=True,
        working_hours_from="22:00",
        working_hours_to="05:00",
    ),
    "special_event": application(
        **ROADSIDE | {"permit_type": "special_event", "event_organiser": "Ames Runners", "event_attendance": 900},
        event_police_plan=True,
        applicant_kind="agency",
        billing="exempt",
        billing_reason="City of Ames",
    ),
    "other": application(permit_type="other", contractor_is_other=False, contractor_licence_expiry=None),
}


def verdict_of(*without: str, **changes: Any) -> Verdict:
    return validate(application(*without, **changes))


def codes(verdict: Verdict) -> set[tuple[str, str]]:
    """(field, code) of every error."""
    return {(error.field, error.code) for error in verdict.errors}


class _Posting(HTMLParser):
    """Collects what a browser would send of a page it has just been given."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.labels_for: list[str] = []
        self.visible_ids: list[str] = []
        self._select = self._area = ""
        self._chosen: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.ids += [said["id"]] if "id" in said else []
        if tag == "label":
            self.labels_for.append(said.get("for", ""))
        if tag in ("input", "select", "textarea") and said.get("type") != "hidden":
            self.visible_ids.append(said.get("id", ""))
        if tag == "input" and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            self.sent.append((said["name"], said.get("value", "on" if said.get("type") == "checkbox" else "")))
        elif tag == "select":
            self._select, self._chosen = said["name"], ""
        elif tag == "option" and "selected" in said:
            self._chosen = said["value"]
        elif tag == "textarea":
            self._area, self._text = said["name"], ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.sent.append((self._select, self._chosen or ""))
        elif tag == "textarea":
            self.sent.append((self._area, self._text.removeprefix("\n")))
            self._area = ""


def read_page(html: object) -> _Posting:
    page = _Posting()
    page.feed(str(html))
    return page


def posted(html: object) -> QueryDict:
    """The form data a browser sends for the page as it stands."""
    data = QueryDict(mutable=True)
    for name, value in read_page(html).sent:
        data.appendlist(name, value)
    return data


def section_cases() -> list[tuple[str, str]]:
    """Every section with every kind of permit that asks it."""
    return [(kind, section.slug) for kind in KINDS for section in SECTIONS if section.applies({"permit_type": kind})]
