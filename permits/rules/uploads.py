"""What a file may be: type by content, size, a clean name. Nothing here reads the file beyond its first bytes.

Not covered: macros and active content deep inside a file. Files are served as downloads only, never inline.
"""

import re
import unicodedata
from collections.abc import Iterable

import puremagic

from permits.rules.words import Labelled
from workflow.contrib.storage import RefusedUpload as RefusedUpload

MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_TOTAL_BYTES = 100 * 1024 * 1024
# Enough to see the entries of a Word document that tell it from other zip files.
HEAD_BYTES = 16 * 1024
MAX_NAME_LENGTH = 100


class FileType(Labelled):
    """The types of file an application may carry; the word is the extension."""

    PDF = "pdf", "PDF document"
    PNG = "png", "PNG picture"
    JPG = "jpg", "JPEG picture"
    DWG = "dwg", "AutoCAD drawing"
    DXF = "dxf", "Drawing exchange file"
    DOCX = "docx", "Word document"


MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.PNG: "image/png",
    FileType.JPG: "image/jpeg",
    FileType.DWG: "image/vnd.dwg",
    FileType.DXF: "image/vnd.dxf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
EXTENSIONS = {kind.value: kind for kind in FileType} | {"jpeg": FileType.JPG, "jpe": FileType.JPG}
ALLOWED = "PDF, PNG, JPG, DWG, DXF or DOCX"

# All signatures stand at the very beginning: a file that hides one further on is something else as well.
_SIGNATURES = (
    (FileType.PDF, re.compile(rb"%PDF-[12]\.\d")),
    (FileType.PNG, re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", re.DOTALL)),
    (FileType.JPG, re.compile(rb"\xff\xd8\xff[\xc0-\xfe]", re.DOTALL)),
    (FileType.DWG, re.compile(rb"AC10\d\d")),
    (FileType.DXF, re.compile(rb"AutoCAD Binary DXF\r\n\x1a\x00")),
    # Group code 0 and SECTION; comments (group code 999) may come first.
    (FileType.DXF, re.compile(rb"(?:\s*999\r?\n[^\r\n]{0,250}\r?\n){0,20}\s*0[ \t]*\r?\n[ \t]*SECTION\s")),
)
_ZIP_ENTRY = b"PK\x03\x04"
_ZIP_NAME_OFFSET = 30
_RESERVED_NAMES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")


def identify(first_bytes: bytes, name: str) -> FileType:
    """The type of a file by its content; hand over the first ``HEAD_BYTES``. Raises RefusedUpload.

    The extension must agree with the content; a name without an extension is fine, the content decides.
    """
    if not first_bytes:
        raise RefusedUpload("file_empty", "The file is empty. Choose it again, or save it again first.")
    found = _type_of(first_bytes)
    if found is None:
        raise RefusedUpload("file_type_not_allowed", f"{_looks_like(first_bytes)} Send a {ALLOWED} file.")
    _, extension = _split(_last_part(name).strip())
    if extension and EXTENSIONS.get(extension) is not found:
        sentence = (
            f"The name ends in .{extension}, but the file is a {found.label}. Rename it to .{found}, then send it."
        )
        raise RefusedUpload("file_differs_from_name", sentence)
    return found


def check_size(size_bytes: int, *, already_bytes: int = 0) -> None:
    """Raises RefusedUpload if a file is too large by itself or together with the application's other files."""
    if size_bytes > MAX_FILE_BYTES:
        raise RefusedUpload("file_too_large", "The file is larger than 25 MB. Make it smaller or send it in parts.")
    if already_bytes + size_bytes > MAX_TOTAL_BYTES:
        sentence = "All files together are larger than 100 MB. Remove a file first, or make this one smaller."
        raise RefusedUpload("files_too_large", sentence)


def clean_name(name: str, file_type: FileType | None = None) -> str:
    """A safe name to store and show: no folders, control or direction characters, at most 100 characters.

    With ``file_type`` the extension becomes that type's. Cleaning a clean name changes nothing.
    """
    visible = "".join(_visible(unicodedata.normalize("NFC", _last_part(name))))
    stem, extension = _split(" ".join(visible.split()))
    extension = extension if file_type is None or EXTENSIONS.get(extension) is file_type else file_type.value
    ending = f".{extension}" if extension else ""
    stem = stem[: MAX_NAME_LENGTH - len(ending)].strip(" .")
    if not stem or _RESERVED_NAMES.match(stem.split(".")[0]):
        stem = f"document {stem}".strip()
    return stem + ending


def _type_of(head: bytes) -> FileType | None:
    for kind, signature in _SIGNATURES:
        if signature.match(head):
            return kind
    return FileType.DOCX if head.startswith(_ZIP_ENTRY) and _is_word(head) else None


def _is_word(head: bytes) -> bool:
    names = list(_zip_names(head))
    has_macros = any(name.lower().endswith(b"vbaproject.bin") for name in names)
    return not has_macros and any(name.startswith(b"word/") for name in names)


def _zip_names(head: bytes) -> Iterable[bytes]:
    for found in re.finditer(re.escape(_ZIP_ENTRY), head):
        at = found.start()
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        yield head[at + _ZIP_NAME_OFFSET : at + _ZIP_NAME_OFFSET + length]


def _looks_like(head: bytes) -> str:
    """A guess for the sentence only; what is let in is decided by the signatures above."""
    try:
        guess = puremagic.from_string(head).lstrip(".")
    except (puremagic.PureError, ValueError):
        return "We cannot tell what this file is."
    return f"This looks like a {guess.upper()} file, which we do not take." if guess else "We do not take such files."


def _last_part(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _visible(name: str) -> Iterable[str]:
    """Characters without control, format (direction) and surrogate ones; those that systems reserve become "-"."""
    for character in name:
        category = unicodedata.category(character)
        if category in ("Zl", "Zp", "Zs") or character in "\t\r\n":
            yield " "
        elif category[0] != "C":
            yield "-" if character in '<>:"|?*' else character


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if dot and re.fullmatch(r"[A-Za-z0-9]{1,10}", extension):
        return stem, extension.lower()
    return name, ""
