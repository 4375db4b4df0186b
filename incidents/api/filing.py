"""How a report is filed over REST: the body is incidents.reporting's, without what only our own doors may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidents.reporting import FIELDS
from workflow.api.filing import Door
from workflow.errors import InvalidData, Reason

CHANNEL = "api"
LATER = {
    "photos": "Photos are added when the report is filed: send each to the report's address, below photos/.",
    "channel": "There is no field “channel” here. Take it out.",
}
FILED = tuple(name for name in FIELDS if name not in LATER)


def read(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a report. Raises InvalidData for a field that is not sent with it."""
    reasons = [Reason(code="unknown_field", sentence=LATER[name], field=name) for name in LATER if name in body]
    if reasons:
        raise InvalidData(reasons)
    return {**body, "channel": CHANNEL}


# Nobody's name stands in the history of a report: it never forgets.
DOOR = Door(
    request_type="incident", scope="incidents:submit", unnamed="Reporter", person_field="email", read=read
)  # fmt: skip
