"""Documents drawn by a process that may do little else: pages, sizes, and what hostile files come to."""

import io
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from pypdf import PdfWriter

from workflow.models import Document
from workflow.viewing import pictures
from workflow.viewing.pictures import FIT, FULL, shown


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "files", tmp_path / "var"
    settings.MEDIA_ROOT.mkdir()


def stored(content: bytes, content_type: str = "application/pdf", name: str = "file") -> Document:
    """A document that is not in the database: drawing needs only the row's words and the file."""
    path = Path(pictures.settings.MEDIA_ROOT) / name
    path.write_bytes(content)
    digest = f"{zlib.crc32(content):064x}"
    return Document(storage_name=name, content_type=content_type, sha256=digest, size=len(content))


def pdf(pages: int = 1, size=(612, 792), password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(*size)
    if password:
        writer.encrypt(password)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def written(content: bytes) -> bytes:
    """A PDF of one page with this content stream."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R>>endobj\n"
    stream = b"5 0 obj<</Length %d>>stream\n" % len(content) + content + b"\nendstream endobj\n"
    return head + page + stream + b"trailer<</Root 1 0 R>>\n"


def picture(kind: str, size=(300, 200), **how) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "red").save(made, kind, **how)
    return made.getvalue()


@pytest.mark.parametrize(("page", "found"), [(1, 1), (3, 3), (9, 3)])
def test_a_page_of_a_pdf_is_a_png_that_fits_and_the_last_page_stands_for_those_beyond(page, found):
    told, drawn = shown(stored(pdf(3)), page=page, zoom=FIT)
    assert (told.page, told.pages, told.of, told.error) == (found, 3, 3, "")
    image = Image.open(io.BytesIO(drawn))
    assert (image.format, image.size) == ("PNG", (told.width, told.height))
    assert told.width == 1200


def test_at_100_percent_a_sheet_of_paper_is_drawn_at_150_dots_an_inch():
    told, _drawn = shown(stored(pdf()), page=1, zoom=FULL)
    assert (told.width, told.height) in {(1275, 1650), (1275, 1651)}


def test_a_huge_sheet_stays_within_four_thousand_pixels():
    told, _drawn = shown(stored(pdf(size=(14400, 7200))), page=1, zoom=FULL)
    assert (told.width, told.height) == (4000, 2000)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_written_anew_from_its_pixels(kind):
    how = {"exif": b"Exif\x00\x00secret place"} if kind == "JPEG" else {}
    content = picture(kind, **how) + b"<script>alert(1)</script>"
    told, drawn = shown(stored(content, f"image/{kind.lower()}"), page=1, zoom=FIT)
    assert (told.width, told.height, told.pages) == (300, 200, 1)
    assert b"<script>" not in drawn
    assert b"secret" not in drawn


@pytest.mark.parametrize(
    ("content", "content_type", "code"),
    [
        (pdf(password="sesame"), "application/pdf", "encrypted"),
        (b"%PDF-1.4\nno more than that", "application/pdf", "damaged"),
        (pdf(0), "application/pdf", "damaged"),
        (picture("PNG")[:90], "image/png", "damaged"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, "image/jpeg", "damaged"),
        (b"AC1032", "image/vnd.dwg", "not_drawn"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", "damaged"),
    ],
)
def test_what_cannot_be_drawn_gets_a_sentence(content, content_type, code):
    told, drawn = shown(stored(content, content_type), page=1, zoom=FIT)
    assert (told.error, drawn) == (code, b"")
    assert told.sentence.endswith(".")


def test_a_page_that_takes_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(pictures, "SECONDS", 1)
    endless = written(b"0 0 m 600 700 l 5 9 l 300 1 l h f\n" * 300_000)
    told, _drawn = shown(stored(endless), page=1, zoom=FIT)
    assert told.error == "too_heavy"


def test_a_picture_with_more_pixels_than_we_take_is_not_decoded():
    made = io.BytesIO()
    Image.new("1", (9000, 9000)).save(made, "PNG")
    told, _drawn = shown(stored(made.getvalue(), "image/png"), page=1, zoom=FIT)
    assert told.error == "too_heavy"


def test_the_artist_gets_no_environment_and_no_path(monkeypatch):
    seen = {}
    run = pictures.subprocess.run

    def watched(command, **how):
        seen.update(how, command=command)
        return run(command, **how)

    monkeypatch.setattr(pictures.subprocess, "run", watched)
    document = stored(pdf())
    shown(document, page=1, zoom=FIT)
    assert seen["env"] == {}
    assert not [part for part in seen["command"] if document.storage_name in part]


def test_a_page_is_drawn_once_a_day_and_a_missing_file_is_not_remembered(monkeypatch):
    document = stored(pdf())
    first = shown(document, page=1, zoom=FIT)
    (Path(pictures.settings.MEDIA_ROOT) / "file").unlink()
    assert shown(document, page=1, zoom=FIT) == first
    other = stored(pdf(2), name="other")
    (Path(pictures.settings.MEDIA_ROOT) / "other").unlink()
    assert shown(other, page=1, zoom=FIT)[0].error == "missing"
    stored(pdf(2), name="other")
    assert shown(other, page=1, zoom=FIT)[0].error == ""


def test_what_was_drawn_before_yesterday_is_thrown_away():
    views = Path(pictures.settings.VAR_DIR) / "views"
    days = [(timezone.localdate() - timedelta(days=back)).isoformat() for back in range(4)]
    for day in days[1:]:
        (views / day).mkdir(parents=True)
    shown(stored(pdf()), page=1, zoom=FIT)
    assert sorted(folder.name for folder in views.iterdir()) == sorted(days[:2])


def test_a_third_reader_waits_and_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.01)
    with pictures._turn, pictures._turn:
        told, _drawn = shown(stored(pdf()), page=1, zoom=FIT)
    assert told.error == "busy"
    assert shown(stored(pdf()), page=1, zoom=FIT)[0].error == ""
