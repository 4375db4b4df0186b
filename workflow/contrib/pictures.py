"""A stranger's picture made safe: bytes in, a JPEG of our own writing out. No database, no disk.

What comes out was drawn anew from pixels: no EXIF, position, colour profile, comment, second picture or trailing file
of the original is in it. What is looked at before a single pixel is decoded: size in bytes, type by content, name,
whether it is something else as well, width and height from the header, scans of a progressive JPEG.

An extension of another picture type is no reason to refuse (phones and messengers mix them up, and the name is never
used); one that says it is no picture at all is.
"""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from PIL import Image

from workflow.contrib.storage import RefusedUpload

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_SIDE, SMALL_SIDE = 2048, 400  # px
QUALITY, SMALL_QUALITY = 85, 78
MOST_SCANS = 100  # of a progressive JPEG; cameras and editors write about ten, and each costs a whole decode
AT_ONCE = 2  # in one process: a phone's JPEG takes 150 MB for half a second, the worst we take 500 MB for two

TYPES = "JPEG, PNG, WebP or GIF"
PICTURE_NAMES = frozenset({"jpg", "jpeg", "jpe", "jfif", "pjpeg", "mpo", "png", "apng", "webp", "gif", "heic", "heif"})
_SIGNATURES = (
    ("JPEG", re.compile(rb"\xff\xd8\xff[\xc0-\xfe]", re.DOTALL)),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", re.DOTALL)),
    ("WEBP", re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL)),
    ("GIF", re.compile(rb"GIF8[79]a", re.DOTALL)),
)
_HEIC = re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
# Long enough that none turns up by chance in the pixels of a photo.
_ACTIVE = re.compile(rb"<script[\s>]|<\?php\s|<!doctype\s+html|<html[\s>]|<svg\s+xmlns", re.IGNORECASE)
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})\s*$")
_GPS, _ORIENTATION = 0x8825, 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_turn = threading.BoundedSemaphore(AT_ONCE)

type Place = tuple[float, float]  # latitude, longitude in degrees


class RefusedPhoto(RefusedUpload):
    """A picture we do not take; ``code`` starts with “photo_”, ``sentence`` says what to do."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A JPEG we wrote, upright, at most 2048 px; the same at most 400 px; where the original says it was taken."""

    content: bytes
    small: bytes
    width: int
    height: int
    place: Place | None


def read_picture(content: bytes, name: str = "") -> Picture:
    """Check and redraw a picture. Raises RefusedPhoto."""
    kind = check(content, name)
    with _turn:
        try:
            return _redrawn(content, kind)
        except RefusedPhoto:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels() from None
        except Exception as error:  # decoders of broken files raise whatever they like
            raise RefusedPhoto(
                "photo_unreadable",
                "We cannot read this picture: it may be damaged or only half there. Take it again, or choose another.",
            ) from error


def check(content: bytes, name: str = "") -> str:
    """The type of a picture (JPEG, PNG, WEBP, GIF), by everything that can be known before decoding it.

    Raises RefusedPhoto.
    """
    if not content:
        raise RefusedPhoto("photo_empty", "The file is empty. Choose the photo again.")
    check_size(len(content))
    kind = next((kind for kind, signature in _SIGNATURES if signature.match(content)), "")
    if not kind:
        raise _not_a_photo(content)
    extension = _EXTENSION.search(name)
    if extension and extension[1].lower() not in PICTURE_NAMES:
        sentence = f"The name ends in .{extension[1].lower()}, which is no photo. Choose a {TYPES} picture."
        raise RefusedPhoto("photo_differs_from_name", sentence)
    if b"%PDF-" in content[:1024] or _ACTIVE.search(content) or zipfile.is_zipfile(io.BytesIO(content)):
        sentence = "This file is a picture and something else at once. Take a screenshot of the picture and send that."
        raise RefusedPhoto("photo_is_something_else", sentence)
    if kind == "JPEG" and _scans(content) > MOST_SCANS:
        raise RefusedPhoto("photo_too_complex", "This picture takes too long to read. Save it again as JPEG first.")
    if kind == "WEBP":  # its decoder takes memory for all pixels as soon as it opens the file
        _check_pixels(*_webp_size(content))
    return kind


def check_size(size: int) -> None:
    """Raises RefusedPhoto for more than 15 MB."""
    if size > MOST_BYTES:
        sentence = f"The photo is larger than {MOST_BYTES // 1024**2} MB. Choose a smaller size when you send it."
        raise RefusedPhoto("photo_too_large", sentence)


def _not_a_photo(content: bytes) -> RefusedPhoto:
    if _HEIC.match(content):
        return RefusedPhoto(
            "photo_heic",
            "This is an HEIC picture, which we cannot read. Take a screenshot of it and send that, or set the iPhone "
            "to Settings > Camera > Formats > Most Compatible and take it again.",
        )
    what = "This is an SVG drawing, not a photo." if _SVG.search(content[:4096]) else "This file is no photo we know."
    return RefusedPhoto("photo_type_not_allowed", f"{what} Send a {TYPES} picture.")


def _too_many_pixels() -> RefusedPhoto:
    sentence = f"The photo has more than {MOST_PIXELS // 10**6} million pixels. Make it smaller, or take a screenshot."
    return RefusedPhoto("photo_too_many_pixels", sentence)


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()


def _scans(content: bytes) -> int:
    """How many scans the first picture of a JPEG file has. Entropy-coded data holds no marker but restarts."""
    at, scans = 2, 0
    while scans <= MOST_SCANS and (found := _MARKER.search(content, at)):
        marker = found[1][0]
        if marker == 0xD9:
            break
        scans += marker == 0xDA
        at = found.end() + (int.from_bytes(content[found.end() : found.end() + 2]) if marker != 0x01 else 0)
    return scans


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels as the first chunk says."""
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = int.from_bytes(content[26:28], "little"), int.from_bytes(content[28:30], "little")
    return width & 0x3FFF, height & 0x3FFF


def _redrawn(content: bytes, kind: str) -> Picture:
    image: Any
    exif: Any
    with Image.open(io.BytesIO(content), formats=[kind]) as image:
        _check_pixels(*image.size)
        exif = _quietly(image.getexif) or {}
        turn = _TURNS.get(_quietly(lambda: int(exif.get(_ORIENTATION, 1))) or 1)
        place = _quietly(lambda: _place_in(exif.get_ifd(_GPS)))
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at half the size where that is enough
        large = _on_white(image)
    large.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if turn is not None:
        large = large.transpose(turn)
    small = large.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(
        content=_jpeg(large, QUALITY), small=_jpeg(small, SMALL_QUALITY),
        width=large.width, height=large.height, place=place,
    )  # fmt: skip


def _on_white(image: Any) -> Any:
    """The first frame in RGB, transparent parts white; a new picture that carries nothing of the old but pixels."""
    image.load()
    if image.mode == "I" or image.mode.startswith("I;16"):  # Pillow would cut 16 bits off at 255 instead of scaling
        image = image.convert("F").point(lambda value: value * (255 / 65535) + 0).convert("L")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    clean = Image.new("RGB", image.size, "white")
    wanted = "RGBA" if has_alpha else "RGB"
    image = image if image.mode == wanted else image.convert(wanted)  # a copy costs as much as the picture
    clean.paste(image, mask=image.getchannel("A") if has_alpha else None)
    return clean


def _jpeg(image: Any, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _place_in(gps: Any) -> Place | None:
    """The position of an EXIF GPS directory, to a tenth of a metre; None where it has none or nonsense."""
    latitude, longitude = _degrees(gps.get(2)), _degrees(gps.get(4))
    latitude = -latitude if str(gps.get(1, "N")).upper().startswith("S") else latitude
    longitude = -longitude if str(gps.get(3, "E")).upper().startswith("W") else longitude
    if not (isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return (
        (round(latitude, 6), round(longitude, 6)) if latitude or longitude else None
    )  # cameras without a fix say 0, 0


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in (*parts, 0, 0)[:3])
    return degrees + minutes / 60 + seconds / 3600


def _quietly[T](read: Callable[[], T]) -> T | None:
    """Metadata is a courtesy: where it is broken there is none."""
    try:
        return read()
    except Exception:  # parsers of broken metadata raise whatever they like
        return None
