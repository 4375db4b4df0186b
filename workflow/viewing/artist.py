"""The program that draws one page of a stranger's file: ``python -I artist.py pdf 2 fit < file``.

It answers one line of JSON, ``{"pages": 7, "page": 2, "width": 1200, "height": 1553}`` or ``{"error": code}``, and then
the PNG. A hostile file may make the decoder crash, run for ever or eat the memory: that ends this process and nothing
else. It gets no environment and no path, opens nothing, and takes limits upon itself before it reads the first byte.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

import pypdfium2
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin  # the plugins now: later no file may be opened

MOST_BYTES = 25 * 1024 * 1024
MOST_PAGES = 500  # whoever files more is asked for a shorter document
MOST_PIXELS = 40_000_000  # of a picture before it is made smaller: 120 MB
LONGEST_PX = 4000  # either side of what is drawn
FIT_PX = 1200  # width where the page fits the screen
DOTS_PER_POINT = 150 / 72  # at 100 %: small print of a plan can be read
MEMORY_BYTES, SECONDS, FILES = 1024**3, 10, 64
FORMATS = (PngImagePlugin.PngImageFile.format, JpegImagePlugin.JpegImageFile.format)


_pdfium: Any = pypdfium2  # it ships no types


class Unreadable(Exception):
    """Its argument is one of the codes that ``pictures`` has a sentence for."""


def main(kind: str, page: int, zoom: str) -> None:
    _limit()
    try:
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise Unreadable("too_heavy")
        image, told = _page(content, page, zoom) if kind == "pdf" else _picture(content, zoom)
        drawn = io.BytesIO()
        image.save(drawn, "PNG", compress_level=3)
    except Unreadable as error:
        return _say({"error": str(error)})
    except MemoryError:
        return _say({"error": "too_heavy"})
    except Exception:  # decoders of broken files raise whatever they like
        return _say({"error": "damaged"})
    return _say({**told, "width": image.width, "height": image.height}, drawn.getvalue())


def _limit() -> None:
    limits = {
        "RLIMIT_AS": MEMORY_BYTES,
        "RLIMIT_CPU": SECONDS,
        "RLIMIT_NOFILE": FILES,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": 0,
    }
    for name, most in limits.items():
        # What a system does not know it cannot limit; the parent's clock is there in any case.
        if (which := getattr(resource, name, None)) is not None:
            resource.setrlimit(which, (most, most))


def _page(content: bytes, number: int, zoom: str) -> tuple[Any, dict[str, Any]]:
    """One page of a PDF; beyond the last one the last."""
    try:
        pdf = _pdfium.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code == _pdfium.raw.FPDF_ERR_PASSWORD
        raise Unreadable("encrypted" if is_locked else "damaged") from None
    pages = min(len(pdf), MOST_PAGES)
    if pages == 0:
        raise Unreadable("damaged")
    pdf.init_forms()  # what was filled into the fields of a certificate
    number = max(1, min(number, pages))
    page = pdf[number - 1]
    width_pt, height_pt = page.get_size()
    scale = _scale(width_pt, height_pt, zoom)
    return page.render(scale=scale).to_pil().convert("RGB"), {"pages": pages, "page": number, "of": len(pdf)}


def _scale(width_pt: float, height_pt: float, zoom: str) -> float:
    wanted = DOTS_PER_POINT if zoom == "full" else FIT_PX / width_pt
    return min(wanted, LONGEST_PX / max(width_pt, height_pt))


def _picture(content: bytes, zoom: str) -> tuple[Any, dict[str, Any]]:
    """The pixels of a PNG or JPEG, upright and on white; nothing else of the file."""
    image: Any
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Unreadable("too_heavy")
        side = LONGEST_PX if zoom == "full" else FIT_PX
        image.draft("RGB", (side, side))  # a JPEG is decoded at half the size where that is enough
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright.getchannel("A"))
    clean.thumbnail((side, LONGEST_PX), Image.Resampling.LANCZOS)
    return clean, {"pages": 1, "page": 1, "of": 1}


def _say(told: dict[str, Any], picture: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + picture)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
