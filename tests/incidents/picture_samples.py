"""Pictures as phones, editors and attackers make them."""

import io
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

AMES = (42.030781, -93.631911)
SECRETS = (
    b"Exif",
    b"GPS",
    b"ICC_PROFILE",
    b"Walter Hale",
    b"Photoshop",
    b"http://ns.adobe.com",
    b"PK\x03\x04",
    b"<script",
)


def encoded(image: Any, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def scene(width: int = 800, height: int = 600, mode: str = "RGB") -> Any:
    """Red on the left, blue on the right, a white bar on top: one sees which way is up."""
    image = Image.new("RGB", (width, height), "red")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), fill="blue")
    draw.rectangle((0, 0, width, height // 10), fill="white")
    return image if mode == "RGB" else image.convert(mode)


def exif(*, orientation: int = 1, place: tuple[float, float] | None = AMES) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x013B] = "Walter Hale"  # the artist
    made[0x9286] = b"ASCII\0\0\0Walter Hale was here"
    if place:
        latitude, longitude = place
        made[0x8825] = {
            1: "N" if latitude >= 0 else "S",
            2: parts(latitude),
            3: "E" if longitude >= 0 else "W",
            4: parts(longitude),
        }
    return made


def parts(degrees: float) -> tuple[float, float, float]:
    whole = abs(degrees)
    minutes = whole % 1 * 60
    return float(int(whole)), float(int(minutes)), minutes % 1 * 60


def phone_photo(width: int = 800, height: int = 600, **values: Any) -> bytes:
    """A JPEG with everything a phone writes into it."""
    return encoded(
        scene(width, height),
        "JPEG",
        exif=exif(**values),
        comment=b"Walter Hale",
        icc_profile=b"ICC_PROFILE" * 40,
        quality=90,
    )


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.js", "alert(1)")
    return out.getvalue()


def png_bomb(side: int = 7000) -> bytes:
    return encoded(Image.new("L", (side, side)), "PNG")


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG whose header claims to be huge."""
    raw = bytearray(encoded(Image.new("L", (8, 8)), "PNG"))
    raw[16:24] = width.to_bytes(4) + height.to_bytes(4)
    raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4)
    return bytes(raw)


def webp_claiming(width: int, height: int) -> bytes:
    raw = bytearray(encoded(Image.new("RGBA", (8, 8), (1, 2, 3, 4)), "WEBP", exif=b"Exif\0\0"))
    assert raw[12:16] == b"VP8X"
    raw[24:27], raw[27:30] = (width - 1).to_bytes(3, "little"), (height - 1).to_bytes(3, "little")
    return bytes(raw)


def many_scans(times: int = 200) -> bytes:
    """A progressive JPEG whose last scan stands there ``times`` times."""
    raw = encoded(scene(64, 64), "JPEG", progressive=True)
    last = raw.rindex(b"\xff\xda")
    return raw[:last] + raw[last:-2] * times + raw[-2:]


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")
