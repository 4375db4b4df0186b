"""From a sheet to PDF bytes: one page for a permit, as many as it takes for a letter."""

import re
from datetime import UTC, date, datetime, time
from io import BytesIO
from zoneinfo import ZoneInfo

import segno

from permits.pdf.sheets import CodedText, LetterSheet, PermitSheet
from permits.pdf.text import MISSING_GLYPH, breakable, printable
from permits.pdf.typesetter import PdfError, typeset


def permit_pdf(sheet: PermitSheet) -> bytes:
    """Return the permit as one tagged US Letter page (PDF/UA-1); the same sheet gives the same bytes.

    Long sheets are set smaller, down to 8 pt, and then long texts are cut with "… see the permit record".
    Raises `PdfError`: `time_without_zone`, `dates_out_of_order`, `address_not_a_web_address`, `document_does_not_fit`,
    `map_sketch_unreadable` or `pdf_engine_failed`.
    """
    _require_aware(valid_from=sheet.valid_from, valid_to=sheet.valid_to, issued_at=sheet.issued_at)
    if sheet.valid_to < sheet.valid_from:
        raise PdfError(
            "dates_out_of_order", "The permit ends before it begins. Correct its dates, then issue it again."
        )
    _require_web_address(sheet.verify_url)
    images = {"qr": qr_svg(sheet.verify_url)}
    if sheet.site_url:
        _require_web_address(sheet.site_url)
        images["site"] = qr_svg(sheet.site_url)
    if sheet.map_svg is not None:
        images["map"] = sheet.map_svg
    return typeset("permit.typ", _with_note(_permit_words(sheet)), images=images, made_at=sheet.issued_at)


def letter_pdf(letter: LetterSheet) -> bytes:
    """Return the refusal letter as tagged US Letter pages (PDF/UA-1); the same sheet gives the same bytes.

    Nothing is cut: reasons are owed in full, so a long letter has more pages. Raises `PdfError`:
    `address_not_a_web_address` or `pdf_engine_failed`.
    """
    _require_web_address(letter.tracking_url)
    # A letter has a day and no hour; midnight UTC keeps its bytes the same on each machine.
    made_at = datetime.combine(letter.date, time(), UTC)
    return typeset("letter.typ", _with_note(_letter_words(letter)), made_at=made_at)


def qr_svg(url: str) -> str:
    """Return the QR code of `url` with its quiet zone, error correction M or better where that costs no space."""
    svg = BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", border=4, svgclass=None, lineclass=None)
    return svg.getvalue().decode()


def local_time_text(moment: datetime, time_zone: ZoneInfo) -> str:
    """Return e.g. "Monday, November 30, 2026, 7:00 AM CST"."""
    local = moment.astimezone(time_zone)
    hour = local.hour % 12 or 12
    clock = f"{hour}:{local:%M %p %Z}".replace(" ", "\N{NO-BREAK SPACE}")  # a time and its zone stay together
    return f"{local:%A}, {_day_text(local)}, {clock}"


def _permit_words(sheet: PermitSheet) -> dict[str, object]:
    return {
        "title": printable(f"Road permit {sheet.reference}: {sheet.permit_type}"),
        "reference": printable(sheet.reference),
        "revision": str(sheet.revision),
        "permit_type": printable(sheet.permit_type),
        "summary": printable(sheet.summary),
        "holder": printable(sheet.holder),
        "contractor": printable(sheet.contractor),
        "onsite_contact": printable(sheet.onsite_contact),
        "road": printable(sheet.road),
        "county": printable(sheet.county),
        "district": printable(sheet.district),
        "where": printable(sheet.where),
        "valid_from": local_time_text(sheet.valid_from, sheet.time_zone),
        "valid_to": local_time_text(sheet.valid_to, sheet.time_zone),
        "hours": printable(sheet.hours),
        "impacts": [printable(impact) for impact in sheet.impacts],
        "conditions": _coded(sheet.conditions),
        "fee_total": f"${sheet.fee_total:,.2f}",
        "issued_on": _day_text(sheet.issued_at.astimezone(sheet.time_zone)),
        "issued_by": printable(sheet.issued_by),
        "agency_name": printable(sheet.agency_name),
        "agency_contact": printable(sheet.agency_contact),
        "verify_url": sheet.verify_url,
        "verify_words": breakable(sheet.verify_url),
        "site_url": sheet.site_url,
    }


def _letter_words(letter: LetterSheet) -> dict[str, object]:
    return {
        "title": printable(f"Refusal of road permit application {letter.reference}"),
        "reference": printable(letter.reference),
        "date": _day_text(letter.date),
        "to": [printable(line) for line in letter.to],
        "permit_type": printable(letter.permit_type),
        "where": printable(letter.where),
        "reasons": _coded(letter.reasons),
        "explanation": [printable(paragraph) for paragraph in re.split(r"\n\s*\n", letter.explanation)],
        "appeal_until": f"{letter.appeal_until:%A}, {_day_text(letter.appeal_until)}",
        "appeal_how": printable(letter.appeal_how),
        "signed_by": printable(letter.signed_by),
        "agency_name": printable(letter.agency_name),
        "agency_contact": printable(letter.agency_contact),
        "tracking_url": letter.tracking_url,
        "tracking_words": breakable(letter.tracking_url),
    }


def _coded(pairs: tuple[CodedText, ...]) -> list[dict[str, str]]:
    return [{"code": printable(code), "text": printable(text)} for code, text in pairs]


def _with_note(words: dict[str, object]) -> dict[str, object]:
    """Add whether the page must explain the sign for a letter it cannot print."""
    return {**words, "has_missing_glyphs": MISSING_GLYPH in repr(words)}


def _day_text(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _require_aware(**moments: datetime) -> None:
    for name, moment in moments.items():
        if moment.tzinfo is None:
            raise PdfError("time_without_zone", f"{name} has no time zone. Give an aware datetime.")


def _require_web_address(url: str) -> None:
    if not (url.isascii() and url.isprintable() and " " not in url and url.startswith(("https://", "http://"))):
        raise PdfError("address_not_a_web_address", f"{url!r} is not a web address. Check the SITE_URL setting.")
