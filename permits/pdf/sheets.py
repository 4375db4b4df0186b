"""What the documents say, as plain values.

A sheet has no status: the verify page tells whether a permit still holds.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

type CodedText = tuple[str, str]
"""A code of the schedule and its sentence: `("C04", "Follow the approved traffic control plan.")`."""


@dataclass(frozen=True, kw_only=True)
class PermitSheet:
    """One revision of one permit, in words.

    Texts may hold anything a person typed. Datetimes must be aware; they are printed in `time_zone` with its name.
    """

    reference: str
    revision: int
    permit_type: str  # in words: "Utility work"
    summary: str
    holder: str
    contractor: str  # empty when the holder does the work
    onsite_contact: str  # name and phone, day and night
    road: str
    county: str
    district: str
    where: str  # a sentence: "From milepost 12.4 to 12.9, northbound shoulder."
    valid_from: datetime.datetime
    valid_to: datetime.datetime
    time_zone: ZoneInfo
    hours: str
    impacts: tuple[str, ...]
    conditions: tuple[CodedText, ...]
    fee_total: Decimal  # US dollars
    issued_at: datetime.datetime
    issued_by: str
    agency_name: str
    agency_contact: str
    verify_url: str  # http or https, ASCII
    site_url: str = ""  # the crew's link; empty: the permit has none
    map_svg: str | None = None  # made by us, never uploaded


@dataclass(frozen=True, kw_only=True)
class LetterSheet:
    """The letter that tells an applicant that a permit is refused, why, and until when to appeal."""

    reference: str
    date: datetime.date
    to: tuple[str, ...]  # name, then the lines of the mailing address
    permit_type: str
    where: str
    reasons: tuple[CodedText, ...]
    explanation: str  # blank lines part paragraphs
    appeal_until: datetime.date
    appeal_how: str  # a sentence: where an appeal is filed and what it must say
    signed_by: str
    agency_name: str
    agency_contact: str
    tracking_url: str  # http or https, ASCII
