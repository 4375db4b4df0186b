"""The permit and the refusal letter as PDF, read back with pypdf."""

import time
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from permits.pdf import LetterSheet, PdfError, PermitSheet, letter_pdf, permit_pdf
from permits.pdf.documents import local_time_text
from permits.pdf.text import CUT_NOTE, LONGEST_CHARACTERS, MISSING_GLYPH, PRINTABLE_RANGES, printable

CHICAGO = ZoneInfo("America/Chicago")
MAP = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 {height}" width="420" height="{height}">'
    '<rect width="420" height="{height}" fill="#f4f1ea"/><path d="M0 260 L420 40" stroke="#555"/></svg>'
)
PERMIT = PermitSheet(
    reference="RP-26-7K3QXM",
    revision=2,
    permit_type="Utility work",
    summary="Replace 480 feet of 8-inch water main by open cut in the northbound shoulder.",
    holder="Peña Valley Municipal Water District",
    contractor="Great Plains Underground, LLC",
    onsite_contact="Renée Ortiz, +1 515 555 0142",
    road="US-69 (Lincoln Way)",
    county="Story",
    district="District 1, Ames",
    where="From milepost 121.40 to 121.49, northbound shoulder and right lane.",
    valid_from=datetime(2026, 11, 30, 13, tzinfo=UTC),
    valid_to=datetime(2026, 12, 18, 23, tzinfo=UTC),
    time_zone=CHICAGO,
    hours="Monday to Friday, 9:00 AM – 3:30 PM",
    impacts=("Northbound: right lane closed, flaggers on site.", "Sidewalk: alternate route signed."),
    conditions=(
        ("C01", "Work only between the dates and hours printed above."),
        ("C05", "Keep a pedestrian route at least 48 inches wide, slope ≤ 1:20."),
        ("C08", "Restore the pavement: compaction ≥ 95 %, asphalt at 135 °C or more."),
    ),
    fee_total=Decimal(1240),
    issued_at=datetime(2026, 11, 23, 16, 5, tzinfo=UTC),
    issued_by="Dana Whitfield, Permit Office",
    agency_name="Iowa Department of Transportation",
    agency_contact="permits@dot.example.gov, +1 515 555 0100",
    verify_url="https://permits.dot.example.gov/v/8Jq2mXw7PzR4tN1cYb",
    map_svg=MAP.format(height=320),
)
LETTER = LetterSheet(
    reference="RP-26-7K3QXM",
    date=date(2026, 11, 23),
    to=("José Núñez", "1200 Main Street", "Ames, IA 50010"),
    permit_type="Utility work",
    where="US-69, milepost 121.40 to 121.49",
    reasons=(("R20", "The traffic control plan is not safe."), ("R30", "The work conflicts with other work.")),
    explanation="The taper is 120 feet.\n\nAt 45 mph it must be ≥ 540 feet.",
    appeal_until=date(2027, 1, 22),
    appeal_how="File the appeal on the tracking page.",
    signed_by="Dana Whitfield",
    agency_name="Iowa Department of Transportation",
    agency_contact="permits@dot.example.gov",
    tracking_url="https://permits.dot.example.gov/t/RP-26-7K3QXM",
)
WORST = replace(
    PERMIT,
    **dict.fromkeys(("permit_type", "holder", "road", "county", "district", "issued_by", "agency_name"), "W" * 100),
    contractor="Ш" * 100,
    onsite_contact="ñ" * 100,
    summary="The work is long. " * 28,
    where="Along the whole way. " * 24,
    hours="By day and by night. " * 24,
    impacts=tuple(f"Lane {number}: " + "closed, with flaggers and signs. " * 6 for number in range(8)),
    conditions=tuple((f"C{number:02}", "The holder keeps this condition. " * 30) for number in range(1, 13)),
    map_svg=MAP.format(height=1400),
)
HOSTILE = (
    '#import "@preview/x:1.0.0": * ] [ $x$ @ref <label> \\ #sys.inputs "}]); {{ }} */ // = Title *b* _i_ `raw` ~ -- ~'
)


def words_of(pdf: bytes) -> str:
    """All text of the document without white space, as line ends depend on the layout."""
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return squeezed(text)


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def tags_of(pdf: bytes) -> list[dict[str, Any]]:
    """Every structure element, in reading order."""
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(PdfReader(BytesIO(pdf)).root_object["/StructTreeRoot"])
    return found


DOCUMENTS = {"permit": permit_pdf(PERMIT), "worst permit": permit_pdf(WORST), "letter": letter_pdf(LETTER)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_is_tagged_and_says_its_title_language_author_and_standard(name: str) -> None:
    reader = PdfReader(BytesIO(DOCUMENTS[name]))
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-US"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data().decode()
    assert reader.metadata is not None
    assert "RP-26-7K3QXM" in (reader.metadata.title or "")
    assert squeezed(reader.metadata.author or "") in {squeezed(PERMIT.agency_name), WORST.agency_name}
    assert [str(tag["/S"]) for tag in tags_of(DOCUMENTS[name])].count("/H1") == 1
    assert (reader.pages[0].mediabox.width, reader.pages[0].mediabox.height) == (612, 792)


@pytest.mark.parametrize("sheet", [PERMIT, WORST, replace(PERMIT, map_svg=None, conditions=(), impacts=())])
def test_a_permit_is_one_page(sheet: PermitSheet) -> None:
    assert len(PdfReader(BytesIO(permit_pdf(sheet))).pages) == 1


@pytest.mark.parametrize(
    "field", [field.name for field in fields(PermitSheet) if isinstance(getattr(PERMIT, field.name), str)]
)
def test_each_text_of_the_sheet_is_printed(field: str) -> None:
    if field == "map_svg":
        alternatives = [str(tag["/Alt"]) for tag in tags_of(DOCUMENTS["permit"]) if tag["/S"] == "/Figure"]
        assert alternatives[0] == f"Map sketch of the work area. {PERMIT.where}"
    else:
        assert squeezed(getattr(PERMIT, field)) in words_of(DOCUMENTS["permit"])


def test_a_permit_says_its_dates_impacts_conditions_and_fee() -> None:
    words = words_of(DOCUMENTS["permit"])
    expected = [
        "Thispermitmustbeonsite.",
        "Monday,November30,2026,7:00AMCST",
        "Friday,December18,2026,5:00PMCST",
        "Revision2,issuedNovember23,2026",
        "$1,240.00",
        *map(squeezed, PERMIT.impacts),
        *(squeezed(code + text) for code, text in PERMIT.conditions),
    ]
    assert [text for text in expected if text not in words] == []


def test_twelve_conditions_of_usual_length_are_printed_in_full() -> None:
    conditions = tuple(
        (f"C{number:02}", f"Condition {number}. " + "Keep it at all times. " * 8) for number in range(1, 13)
    )
    words = words_of(permit_pdf(replace(PERMIT, conditions=conditions)))
    assert [text for _, text in conditions if squeezed(text) not in words] == []
    assert squeezed(CUT_NOTE) not in words


def test_headings_tables_and_images_can_be_read_aloud() -> None:
    tags = tags_of(DOCUMENTS["permit"])
    kinds = [str(tag["/S"]) for tag in tags]
    assert kinds.count("/H2") == 6  # who, what, where, when, check this permit, conditions
    assert kinds.count("/Table") == 1
    assert kinds.count("/TH") == 2
    assert all(tag.get("/Alt") for tag in tags if tag["/S"] == "/Figure")
    assert f"QR code that opens {PERMIT.verify_url}" in [str(tag.get("/Alt")) for tag in tags]


def test_the_verify_address_is_a_link() -> None:
    annotations = [note.get_object() for note in PdfReader(BytesIO(DOCUMENTS["permit"])).pages[0]["/Annots"]]
    assert {str(note["/A"]["/URI"]) for note in annotations} == {PERMIT.verify_url}


def test_the_worst_sheet_keeps_names_and_all_codes_and_says_what_was_cut() -> None:
    words = words_of(DOCUMENTS["worst permit"])
    assert WORST.contractor in words
    assert [code for code, _ in WORST.conditions if code not in words] == []
    assert squeezed(CUT_NOTE) in words


def test_a_permit_that_cannot_fit_says_what_to_do() -> None:
    with pytest.raises(PdfError, match="Shorten or merge its conditions") as caught:
        permit_pdf(replace(PERMIT, conditions=PERMIT.conditions * 40))
    assert caught.value.code == "document_does_not_fit"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"map_svg": "<svg"}, "map_sketch_unreadable"),
        ({"verify_url": "javascript:alert(1)"}, "address_not_a_web_address"),
        ({"verify_url": "https://a.example/\u202e"}, "address_not_a_web_address"),
        ({"valid_from": datetime(2026, 11, 30)}, "time_without_zone"),  # noqa: DTZ001 - the mistake under test
        ({"valid_to": PERMIT.valid_from.replace(year=2025)}, "dates_out_of_order"),
    ],
)
def test_a_sheet_with_a_mistake_is_refused_with_its_code(change: dict[str, Any], code: str) -> None:
    with pytest.raises(PdfError) as caught:
        permit_pdf(replace(PERMIT, **change))
    assert caught.value.code == code


def test_a_panic_of_the_engine_is_an_error_that_a_worker_can_catch(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """Named as the one that the compiler's binding raises."""

    def panic(*_: object, **__: object) -> bytes:
        raise PanicException("index out of bounds")

    monkeypatch.setattr("typst.compile", panic)
    with pytest.raises(PdfError) as caught:
        permit_pdf(PERMIT)
    assert caught.value.code == "pdf_engine_failed"


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.sampled_from([chr(c) for a, b in PRINTABLE_RANGES for c in range(ord(a), ord(b) + 1)])))
def test_scripts_and_marks_may_be_mixed_as_one_likes(text: str) -> None:
    assert letter_pdf(replace(LETTER, explanation=text)).startswith(b"%PDF")


@pytest.mark.parametrize("field", ["summary", "holder", "where", "conditions"])
def test_hostile_text_is_printed_as_typed(field: str) -> None:
    value = (("C90", HOSTILE + "\x00"),) if field == "conditions" else "\x00" + HOSTILE
    assert squeezed(HOSTILE) in words_of(permit_pdf(replace(PERMIT, **{field: value})))


def test_two_thousand_hostile_characters_are_printed_whole() -> None:
    text = (HOSTILE * 20)[:2000]
    assert squeezed(text) in words_of(permit_pdf(replace(PERMIT, summary=text)))
    assert squeezed(text) in words_of(letter_pdf(replace(LETTER, explanation=text)))


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=300), min_size=14, max_size=14))
def test_whatever_is_typed_a_permit_is_one_page(texts: list[str]) -> None:
    names = [name for name in (field.name for field in fields(PermitSheet)) if name not in {"verify_url", "map_svg"}]
    changes = dict(zip((name for name in names if isinstance(getattr(PERMIT, name), str)), texts, strict=False))
    pdf = permit_pdf(replace(PERMIT, **changes, conditions=tuple(("C90", text) for text in texts[:12])))
    assert len(PdfReader(BytesIO(pdf)).pages) == 1


@pytest.mark.parametrize(("first", "last"), PRINTABLE_RANGES)
def test_each_character_called_printable_has_a_glyph(first: str, last: str) -> None:
    characters = " ".join(map(chr, range(ord(first), ord(last) + 1)))
    assert letter_pdf(replace(LETTER, explanation=characters)).startswith(b"%PDF")


def test_a_name_in_a_script_without_glyphs_is_marked_and_explained() -> None:
    words = words_of(permit_pdf(replace(PERMIT, holder="王小明 Wang")))
    assert MISSING_GLYPH * 3 + "Wang" in words
    assert "standsforaletter" in words
    assert "standsforaletter" not in words_of(DOCUMENTS["permit"])


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("é ñ ≥ – ° § “x”", "é ñ ≥ – ° § “x”"),
        ("e\u0301", "é"),
        ("line\r\nline\ttab", "line line tab"),
        ("a\x00b\x1bc\u202ed\ufeff\u200b", "abcd"),
        ("\ud800 \U0001f6a7", "□ □"),
        ("Mọ́ Œ\u0301", "Mọ́ Œ\u0301"),
        ("हिन्दी שָׁלוֹם", "हिन्दी שָׁלוֹם"),
        ("e\u064b ש\u0301 \u0301", "e□ ש□ □"),  # a mark of another script, a mark on nothing
        ("می\u200cخواهم", "م□\u200cخواهم"),
        ("x" * 25, "x" * 10 + "\u200b" + "x" * 10 + "\u200b" + "x" * 5),
    ],
)
def test_typed_text_becomes_printable(typed: str, printed: str) -> None:
    assert printable(typed) == printed


def test_text_beyond_the_limit_is_cut_with_a_note() -> None:
    assert printable("ab " * LONGEST_CHARACTERS).endswith("ab" + CUT_NOTE)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 7, 4, 5, tzinfo=UTC), "Saturday, July 4, 2026, 12:00 AM CDT"),
        (datetime(2026, 12, 1, 18, 5, tzinfo=UTC), "Tuesday, December 1, 2026, 12:05 PM CST"),
    ],
)
def test_times_are_local_and_name_their_zone(moment: datetime, text: str) -> None:
    assert local_time_text(moment, CHICAGO).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize("name", ["permit", "letter"])
def test_the_same_sheet_gives_the_same_bytes_anywhere(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        again = permit_pdf(PERMIT) if name == "permit" else letter_pdf(LETTER)
    time.tzset()
    assert sha256(again).hexdigest() == sha256(DOCUMENTS[name]).hexdigest()
    assert PdfReader(BytesIO(again)).metadata.creation_date.date() == date(2026, 11, 23)  # type: ignore[union-attr]


def test_a_letter_says_why_and_until_when_to_appeal() -> None:
    words = words_of(DOCUMENTS["letter"])
    expected = [*LETTER.to, *(code + text for code, text in LETTER.reasons), *LETTER.explanation.split("\n\n")]
    expected += ["Friday, January 22, 2027", LETTER.appeal_how, LETTER.tracking_url, "November 23, 2026", "Page 1 of 1"]
    assert [text for text in expected if squeezed(text) not in words] == []


def test_a_long_letter_takes_more_pages_and_loses_nothing() -> None:
    explanation = "\n\n".join(f"Paragraph {number}. " + "It is explained in full. " * 20 for number in range(15))
    pdf = letter_pdf(replace(LETTER, explanation=explanation))
    assert len(PdfReader(BytesIO(pdf)).pages) > 1
    for paragraph in explanation.split("\n\n"):
        assert squeezed(paragraph) in words_of(pdf).replace("RP-26-7K3QXMPage", "")
