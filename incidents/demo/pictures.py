"""Photos for the demo, drawn: a road under a sky with what is wrong on it, and the same road repaired."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, HORIZON = 640, 480, 200
SKIES = ((168, 200, 230), (196, 208, 216), (226, 205, 178), (120, 142, 168))
VERGES = ((104, 132, 72), (134, 128, 78), (88, 116, 70))

type Draw = ImageDraw.ImageDraw
type Box = tuple[float, float, float, float]


def photo(rng: random.Random, category: str, *, repaired: bool = False) -> SimpleUploadedFile:
    """One JPEG as a camera would send it."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(SKIES))
    draw = ImageDraw.Draw(picture)
    _road(rng, draw)
    x, y = rng.randint(300, 380), rng.randint(330, 400)
    (_patch if repaired else OBJECTS.get(category, _pothole))(rng, draw, x, y)
    picture = Image.blend(picture, _noise(), 0.09).filter(ImageFilter.GaussianBlur(0.8))
    content = BytesIO()
    picture.save(content, "JPEG", quality=82)
    return SimpleUploadedFile("photo.jpg", content.getvalue(), content_type="image/jpeg")


@cache
def _noise() -> Image.Image:
    return Image.effect_noise((WIDTH, HEIGHT), 28).convert("RGB")


def _road(rng: random.Random, draw: Draw) -> None:
    verge = rng.choice(VERGES)
    draw.rectangle((0, HORIZON, WIDTH, HEIGHT), fill=verge)
    vanish = rng.randint(280, 360)
    grey = rng.randint(84, 112)
    draw.polygon([(vanish - 12, HORIZON), (vanish + 12, HORIZON), (600, HEIGHT), (40, HEIGHT)], fill=(grey,) * 3)
    for edge in (70, 570):
        draw.line((vanish, HORIZON, edge, HEIGHT), fill=(224, 222, 210), width=4)
    for part in range(0, 10, 2):
        top, bottom = HORIZON + part * 28, HORIZON + part * 28 + 18
        width = 1 + part // 2
        x = vanish + (320 - vanish) * (top - HORIZON) / (HEIGHT - HORIZON)
        draw.line((x, top, x, bottom), fill=(226, 190, 70), width=width)
    for _ in range(5):
        x = rng.randint(0, WIDTH)
        draw.ellipse((x - 26, HORIZON - 26, x + 26, HORIZON + 6), fill=(verge[0] - 30, verge[1] - 30, verge[2] - 20))


def _around(x: float, y: float, wide: float, high: float) -> Box:
    return x - wide, y - high, x + wide, y + high


def _pothole(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    wide = rng.randint(36, 70)
    draw.ellipse(_around(x, y, wide + 8, wide * 0.42), fill=(70, 68, 66))
    draw.ellipse(_around(x + 4, y + 3, wide, wide * 0.34), fill=(38, 34, 32))
    for _ in range(9):
        stone = _around(x + rng.randint(-90, 90), y + rng.randint(-16, 34), 3, 2)
        draw.ellipse(stone, fill=(60, 58, 56))


def _patch(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    wide = rng.randint(60, 90)
    draw.polygon([(x - wide, y + 24), (x + wide, y + 24), (x + wide * 0.8, y - 20), (x - wide * 0.8, y - 20)],
                 fill=(46, 46, 48))  # fmt: skip
    _cone(draw, x + wide + 26, y + 10)


def _cone(draw: Draw, x: float, y: float) -> None:
    draw.polygon([(x, y - 44), (x - 15, y), (x + 15, y)], fill=(236, 106, 30))
    draw.rectangle((x - 9, y - 22, x + 9, y - 14), fill=(244, 240, 236))
    draw.rectangle((x - 19, y, x + 19, y + 5), fill=(50, 46, 44))


def _debris(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    for _ in range(4):
        at = x + rng.randint(-60, 60)
        draw.line((at, y + rng.randint(-20, 20), at + rng.randint(-70, 70), y + 16), fill=(122, 88, 52), width=9)


def _water(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    draw.ellipse(_around(x, y, 230, 52), fill=(96, 122, 142))
    draw.arc(_around(x - 20, y - 4, 150, 26), 200, 320, fill=(188, 204, 214), width=3)


def _sign(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    lean = rng.randint(30, 90)
    draw.line((540, 420, 540 - lean, 300), fill=(150, 150, 148), width=7)
    middle = 540 - lean
    draw.polygon([(middle, 250), (middle + 44, 294), (middle, 338), (middle - 44, 294)], fill=(240, 190, 40))
    draw.polygon([(middle, 258), (middle + 36, 294), (middle, 330), (middle - 36, 294)], outline=(40, 36, 30))


def _signal(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    draw.line((520, 430, 520, 90), fill=(92, 94, 96), width=10)
    draw.line((520, 96, 330, 96), fill=(92, 94, 96), width=8)
    draw.rectangle((322, 92, 364, 190), fill=(44, 44, 40))
    for lamp in range(3):
        draw.ellipse(_around(343, 110 + 32 * lamp, 12, 12), fill=(70, 66, 60))


def _tree(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    draw.line((x + 230, y - 50, x - 60, y + 20), fill=(86, 64, 44), width=24)
    for _ in range(24):
        leaf = _around(x + rng.randint(-130, 40), y + rng.randint(-40, 60), 26, 17)
        draw.ellipse(leaf, fill=(58, rng.randint(84, 116), 48))


def _rail(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    draw.line((360, 236, 470, 300), fill=(176, 180, 182), width=12)
    draw.line((470, 300, 520, 372, 600, 352), fill=(150, 154, 158), width=14)
    for post in (400, 450, 560):
        draw.line((post, 250 + (post - 360) // 2, post, 300 + (post - 360) // 2), fill=(110, 92, 70), width=9)


def _lamp(rng: random.Random, draw: Draw, x: int, y: int) -> None:
    for number in range(3):
        at, top = 560 - 70 * number, 90 + 36 * number
        draw.line((at, 420 - 60 * number, at, top), fill=(104, 106, 110), width=7 - number)
        draw.line((at, top, at - 46 + 8 * number, top + 4), fill=(104, 106, 110), width=5)


OBJECTS: Mapping[str, Callable[[random.Random, Draw, int, int], None]] = {
    "debris": _debris, "litter": _debris, "spill": _debris, "flooding": _water, "drainage": _water, "culvert": _water,
    "sign_missing": _sign, "stop_sign_down": _sign, "message_board": _sign, "work_zone": _sign,
    "signal_dark": _signal, "signal_mistimed": _signal, "tree_down": _tree, "blocked_sight_line": _tree,
    "mowing": _tree, "guardrail": _rail, "fence": _rail, "light_out": _lamp,
}  # fmt: skip
