"""When the road is inspected, and why work may be stopped. docs/rules.md#inspections"""

from datetime import timedelta

from permits.rules.words import Labelled

FINAL_INSPECTION_DAYS = 5  # business days after the work was reported as finished
REINSPECTION_DAYS = 10  # business days to mend a defect, where the inspector names no day
TAKE_BACK = timedelta(hours=24)  # how long a start or stop can be taken back
NEAR_M = 200  # a phone this near to the work area is on site: a phone beside tall buildings is wrong by 50 to 100 m


class SuspensionCode(Labelled):
    """Why an inspector stops the work."""

    # Missing, knocked over or other than planned.
    TRAFFIC_CONTROL = "S10", "Traffic control missing or not as planned"
    # Nobody on foot or in a wheelchair gets by safely.
    PEDESTRIANS = "S11", "No safe way for people on foot"
    # An open trench without shoring, hanging loads, open manholes.
    DANGER = "S20", "Danger to workers or the public"
    # A line was hit, or the marks and the 811 ticket are missing.
    UTILITIES = "S21", "Utility damaged, or no 811 ticket on site"
    # Another place, another method, other hours.
    BEYOND_PERMIT = "S30", "Work beyond what is permitted"
    # Snow, flood, a crash, an evacuation: not the holder's fault.
    ROAD_NEEDED = "S40", "Weather or an emergency: the road is needed"
    OTHER = "S90", "Other"


def label_of_code(code: str) -> str:
    """The reason in words; empty for none and for Other, which the inspector's own words explain."""
    known = code in set(SuspensionCode) and code != SuspensionCode.OTHER
    return SuspensionCode(code).label if known else ""
