"""Inspections of the demo: what an inspector ticked, planned and photographed."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFilter

from permits import applications
from permits.inspections import checklist, desk
from workflow.actors import Actor

WIDTH, HEIGHT, HORIZON = 640, 480, 190
SKY, VERGE, ASPHALT, EARTH = (182, 204, 222), (112, 130, 78), (92, 94, 97), (122, 96, 66)
ORANGE, WHITE = (226, 104, 30), (240, 240, 236)


def answered(permit: Any, kind: str) -> list[dict[str, str]]:
    """A checklist in which everything is as it should be."""
    items = checklist.items_for(kind, applications.answers_of(permit))
    return [{"item": item.code, "answer": "yes", "remark": ""} for item in items]


def looks_at(permit: Any, inspector: Actor, **found: Any) -> Any:
    return desk.inspect(permit, actor=inspector, **found)


def plans(permit: Any, inspector: Actor, *, kind: str) -> Any:
    """For today, by the inspector who drives there."""
    today = timezone.localdate()
    return desk.plan(permit, kind=kind, planned_for=today, inspector=inspector.user, actor=inspector)


def site_photo(rng: random.Random) -> SimpleUploadedFile:
    """A drawn road with a settled shoulder and a barrel, as a phone would send it."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HORIZON, WIDTH, HEIGHT), fill=VERGE)
    draw.polygon(((300, HORIZON), (340, HORIZON), (560, HEIGHT), (40, HEIGHT)), fill=ASPHALT)
    draw.polygon(((338, HORIZON), (346, HORIZON), (640, HEIGHT), (540, HEIGHT)), fill=EARTH)
    for number in range(9):
        x, y = 430 + number * 14 + rng.randint(-6, 6), 330 + number * 16
        draw.ellipse((x, y, x + 26, y + 9), fill=(84, 64, 44))
    for band, colour in enumerate((ORANGE, WHITE, ORANGE, WHITE, ORANGE)):
        draw.rectangle((96, 250 + band * 22, 150, 272 + band * 22), fill=colour)
    content = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.8)).save(content, "JPEG", quality=82)
    return SimpleUploadedFile("site.jpg", content.getvalue(), content_type="image/jpeg")
