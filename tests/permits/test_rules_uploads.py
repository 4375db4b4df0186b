import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.rules.uploads import (
    EXTENSIONS,
    HEAD_BYTES,
    MAX_FILE_BYTES,
    MAX_NAME_LENGTH,
    MAX_TOTAL_BYTES,
    MEDIA_TYPES,
    FileType,
    RefusedUpload,
    check_size,
    clean_name,
    identify,
)


def zipped(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "<xml/>" * 50)
    return buffer.getvalue()


WORD = zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
GOOD = [
    (b"%PDF-1.7\n%\xe2\xe3", "plan.pdf", FileType.PDF),
    (b"%PDF-2.0\n", "PLAN.PDF", FileType.PDF),
    (PNG, "photo.png", FileType.PNG),
    (JPG, "photo.jpg", FileType.JPG),
    (JPG, "photo.JPEG", FileType.JPG),
    (b"\xff\xd8\xff\xe1\x12\x34Exif\x00", "photo", FileType.JPG),
    (b"AC1032\x00\x00\x00", "site.dwg", FileType.DWG),
    (b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "site.dxf", FileType.DXF),
    (b"999\nwritten by hand\n0\nSECTION\n", "site.dxf", FileType.DXF),
    (b"AutoCAD Binary DXF\r\n\x1a\x00", "site.dxf", FileType.DXF),
    (WORD, "letter.docx", FileType.DOCX),
    (zipped("word/numbering.xml", "word/document.xml"), "letter.docx", FileType.DOCX),
]
REFUSED = [
    (b"", "plan.pdf", "file_empty"),
    (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "photo.jpg", "file_type_not_allowed"),
    (b"<!DOCTYPE html><html><script>1</script></html>", "photo.jpg", "file_type_not_allowed"),
    (b"<html>%PDF-1.7", "plan.pdf", "file_type_not_allowed"),
    (b"MZ\x90\x00" + b"\x00" * 60, "setup.exe", "file_type_not_allowed"),
    (b"hello world", "notes.txt", "file_type_not_allowed"),
    (b"\x00", "x.pdf", "file_type_not_allowed"),
    (b"\x89PNG\r\n\x1a\n<script>", "photo.png", "file_type_not_allowed"),
    (zipped("xl/workbook.xml"), "table.xlsx", "file_type_not_allowed"),
    (zipped("a.txt"), "letter.docx", "file_type_not_allowed"),
    (zipped("word/document.xml", "word/vbaProject.bin"), "letter.docx", "file_type_not_allowed"),
    (JPG, "photo.png", "file_differs_from_name"),
    (JPG, "photo.jpg.html", "file_differs_from_name"),
    (WORD, "letter.docm", "file_differs_from_name"),
    (b"%PDF-1.7", "plan.pdf.exe", "file_differs_from_name"),
    (b"%PDF-1.7", "folder.pdf/plan.svg", "file_differs_from_name"),
]


@pytest.mark.parametrize(("content", "name", "kind"), GOOD)
def test_an_allowed_file_is_known_by_its_content(content, name, kind):
    assert identify(content[:HEAD_BYTES], name) is kind


def test_every_allowed_type_is_tried_and_has_a_media_type():
    assert {kind for _, _, kind in GOOD} == set(FileType) == set(MEDIA_TYPES)


@pytest.mark.parametrize(("content", "name", "code"), REFUSED)
def test_another_file_is_refused_with_what_to_do(content, name, code):
    with pytest.raises(RefusedUpload) as refused:
        identify(content, name)
    assert refused.value.code == code
    assert str(refused.value) == refused.value.sentence
    assert refused.value.sentence.endswith(".")


def test_the_sentence_names_what_the_file_looks_like():
    with pytest.raises(RefusedUpload, match="SVG"):
        identify(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "photo.jpg")


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_bytes_are_a_known_type_or_refused(content, name):
    try:
        assert identify(content, name) in FileType
    except RefusedUpload as refused:
        assert refused.sentence  # noqa: PT017 - either outcome is right, a third is not


@pytest.mark.parametrize(
    ("size", "already", "code"),
    [
        (MAX_FILE_BYTES, 0, None),
        (MAX_FILE_BYTES + 1, 0, "file_too_large"),
        (1, MAX_TOTAL_BYTES - 1, None),
        (2, MAX_TOTAL_BYTES - 1, "files_too_large"),
    ],
)
def test_sizes_count_alone_and_together(size, already, code):
    if code is None:
        check_size(size, already_bytes=already)
        return
    with pytest.raises(RefusedUpload) as refused:
        check_size(size, already_bytes=already)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("Site plan.PDF", None, "Site plan.pdf"),
        ("../../etc/passwd", None, "passwd"),
        ("C:\\Users\\me\\plan.pdf", None, "plan.pdf"),
        ("plan\x00.pdf", None, "plan.pdf"),
        ("photo\u202egpj.exe", None, "photogpj.exe"),
        ("a  b\t\nc.pdf", None, "a b c.pdf"),
        ("..pdf", FileType.PDF, "document.pdf"),
        ("", None, "document"),
        ("CON.pdf", None, "document CON.pdf"),
        ("what? <b>.pdf", None, "what- -b-.pdf"),
        ("Lageplan Straße №4.pdf", None, "Lageplan Straße №4.pdf"),
        ("photo", FileType.JPG, "photo.jpg"),
        ("photo.jpeg", FileType.JPG, "photo.jpeg"),
        ("x" * 300 + ".pdf", None, "x" * (MAX_NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_a_name_is_cleaned(name, kind, clean):
    assert clean_name(name, kind) == clean


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=300), st.none() | st.sampled_from(FileType))
def test_cleaning_twice_changes_nothing_and_the_name_is_short_and_has_no_folder(name, kind):
    clean = clean_name(name, kind)
    assert clean_name(clean, kind) == clean
    assert 0 < len(clean) <= MAX_NAME_LENGTH
    assert not set('/\\<>:"|?*\x00\n') & set(clean)
    assert kind is None or EXTENSIONS[clean.rpartition(".")[2]] is kind
