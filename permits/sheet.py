"""From a permit to its document: the frozen revision in words."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from permits.application.choices import PermitType
from permits.application.review import impact_sentences
from permits.application.validate import from_json
from permits.book.codes import worded_all
from permits.inspections.site_links import site_url
from permits.pdf import LetterSheet, PermitSheet, letter_pdf, permit_pdf
from permits.rules.codes import ConditionCode, RefusalCode
from permits.rules.geometry import from_geojson
from workflow.contrib.places.counties import state
from workflow.contrib.places.sketch import sketch
from workflow.tracker import tracking_url

MAP_SIZE = (260, 190)


def verify_url(permit: Any) -> str:
    """The public address behind the QR code; it names the revision, so that an older paper says it is superseded."""
    return f"{settings.SITE_URL}/verify/{permit.verify_token}/?r={permit.application_revision}"


def document_bytes(permit: Any) -> bytes:
    """The permit as PDF, from its newest frozen revision."""
    revision = permit.revisions.get(number=permit.application_revision)
    return permit_pdf(sheet_of(permit, from_json(revision.application)))


def sheet_of(permit: Any, answers: dict[str, Any]) -> PermitSheet:
    """What the permit document says."""
    return PermitSheet(
        reference=permit.reference,
        revision=permit.application_revision,
        permit_type=PermitType(answers["permit_type"]).label,
        summary=permit.title,
        holder=permit.holder,
        contractor=answers.get("contractor_name") or "",
        onsite_contact=" · ".join(filter(None, [answers.get("onsite_name"), answers.get("onsite_phone")])),
        road=_road(answers),
        county=county_name(permit.county),
        district=permit.district.replace("-", " ").title(),
        where=where(answers),
        valid_from=answers["start_at"],
        valid_to=answers["end_at"],
        time_zone=ZoneInfo(settings.TIME_ZONE),
        hours=hours(answers),
        impacts=impact_sentences(answers),
        conditions=tuple((c.value, c.text) for c in worded_all(ConditionCode, permit.conditions, permit.decided_at)),
        fee_total=permit.fee_total,
        # The decision's moment, so that making the document again gives the same bytes.
        issued_at=permit.decided_at or timezone.now(),
        issued_by=permit.team.name if permit.team else settings.AGENCY_NAME,
        agency_name=settings.AGENCY_NAME,
        agency_contact=f"{settings.AGENCY_EMAIL} · {settings.AGENCY_PHONE}",
        verify_url=verify_url(permit),
        site_url=site_url(permit),
        map_svg=sketch(from_geojson(permit.area), *MAP_SIZE) if permit.area else None,
    )


def letter_bytes(permit: Any) -> bytes:
    """The letter of refusal or revocation as PDF."""
    answers = from_json(permit.application)
    lines = [permit.holder, answers.get("contact_name") or "", answers.get("street") or ""]
    town = " ".join(filter(None, [answers.get("city"), answers.get("state"), answers.get("zip")]))
    return letter_pdf(
        LetterSheet(
            reference=permit.reference,
            date=timezone.localtime(permit.decided_at).date(),
            to=tuple(dict.fromkeys(line for line in [*lines, town] if line)),
            permit_type=PermitType(answers["permit_type"]).label,
            where=where(answers),
            reasons=tuple((c.value, c.text) for c in worded_all(RefusalCode, permit.reasons, permit.decided_at)),
            explanation=permit.explanation,
            appeal_until=permit.appeal_until,
            appeal_how=(
                f"Write to {settings.AGENCY_EMAIL} before that day, give the reference {permit.reference}, and say why "
                "the decision should be changed."
            ),
            signed_by=permit.team.name if permit.team else settings.AGENCY_NAME,
            agency_name=settings.AGENCY_NAME,
            agency_contact=f"{settings.AGENCY_EMAIL} · {settings.AGENCY_PHONE}",
            tracking_url=tracking_url(permit),
        )
    )


def county_name(slug: str) -> str:
    return next((county.name for county in state().counties if county.slug == slug), slug.title())


def _road(answers: dict[str, Any]) -> str:
    return ", ".join(dict.fromkeys(filter(None, [answers.get("route_designation"), answers.get("road_name")])))


def where(answers: dict[str, Any]) -> str:
    """One sentence: road, and from where to where."""
    if answers.get("from_milepost") is not None and answers.get("to_milepost") is not None:
        return f"{_road(answers)}, milepost {answers['from_milepost']:f} to {answers['to_milepost']:f}."
    ends = [answers.get("from_cross_street"), answers.get("to_cross_street")]
    if all(ends):
        return f"{_road(answers)}, from {ends[0]} to {ends[1]}."
    return f"{_road(answers)}."


def hours(answers: dict[str, Any]) -> str:
    """Working hours and days in words."""
    begins, ends = answers.get("working_hours_from"), answers.get("working_hours_to")
    daily = f"{begins:%H:%M} to {ends:%H:%M}" if begins and ends else "At any hour"
    days = ", ".join(str(day).capitalize() for day in answers.get("working_days") or [])
    night = "; night work allowed" if answers.get("night_work") else ""
    return f"{daily}{f', {days}' if days else ''}{night}"
