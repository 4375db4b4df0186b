"""A browser that fills in the report form and counts its posts."""

import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from incidents.models import Report

POINT = {"latitude": "42.0308", "longitude": "-93.6319"}
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_GPS = 0x8825


def jpeg(size: tuple[int, int] = (640, 480), place: tuple[float, float] | None = None) -> bytes:
    """A picture, with a position in its EXIF data if one is given."""
    out, image, exif = io.BytesIO(), Image.new("RGB", size, "gray"), Image.Exif()
    if place:
        gps = exif.get_ifd(_GPS)
        gps[_LATITUDE_REF], gps[_LATITUDE] = "N", _degrees(place[0])
        gps[_LONGITUDE_REF], gps[_LONGITUDE] = "W", _degrees(-place[1])
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def picture(name: str = "hole.jpg", **values: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg(**values), "image/jpeg")


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    return (float(whole), float(minutes), round(((value - whole) * 60 - minutes) * 60, 3))


def texts(response: Any) -> str:
    """What a person reads on the page."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).replace("&#x27;", "'").split())


class Walk:
    """One browser; it follows where it is sent."""

    def __init__(self, client: Any) -> None:
        self.client, self.posts = client, 0
        self.page = client.get("/report/")

    @property
    def path(self) -> str:
        return str(self.page.request["PATH_INFO"])

    @property
    def html(self) -> str:
        return str(self.page.content.decode())

    @property
    def words(self) -> str:
        return texts(self.page)

    def send(self, *, path: str = "", **data: Any) -> Any:
        """Post the form of the page where it says."""
        self.posts += 1
        action = re.search(r'<form class="usa-form[^>]*method="post"[^>]*action="([^"]+)"', self.html)
        self.page = self.client.post(path or (action[1] if action else self.path), data, follow=True)
        return self.page

    def get(self, path: str) -> Any:
        self.page = self.client.get(path, follow=True)
        return self.page

    def to_place(self, category: str = "pothole", **data: Any) -> "Walk":
        self.get("/report/")
        self.send(category=category, **data)
        return self

    def to_details(self, category: str = "pothole", **place: Any) -> "Walk":
        self.to_place(category).send(**(place or POINT))
        return self

    def to_check(self, **details: Any) -> "Walk":
        self.to_details().send(**details)
        return self


def newest() -> Report:
    return Report.objects.latest("pk")
