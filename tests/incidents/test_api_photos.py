"""Photos over REST: redrawn before they are kept, shown to whoever may see them."""

import io
import zlib
from struct import pack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from incidents.models import Photo
from incidents.views.act import MOST_BY_LINK
from tests.incidents.api_callers import READ_ALL, SUBMIT, assert_problem, caller, client, codes, pointers, url
from tests.incidents.factories import anonymous, filed, in_state
from tests.incidents.factories import photo as photo_row
from workflow.models import Event

pytestmark = pytest.mark.django_db


def picture(kind="JPEG", size=(64, 48), colour="grey"):
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


def huge_png(side=7000):
    """A PNG of side x side pixels in less than 200 kB: small to send, costly to open."""

    def chunk(name, data):
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    header = pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 + 3 * side) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def send(sender, incident, content=None, name="hole.jpg", **more):
    upload = SimpleUploadedFile(name, picture() if content is None else content, "image/jpeg")
    return sender.client.post(url(incident, "photos/"), {"file": upload} | more)


def test_a_photo_is_kept_listed_and_can_be_fetched():
    sender = caller()
    incident = filed(actor=sender.actor)
    answer = send(sender, incident)
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert (shown["kind"], shown["width"], shown["height"], shown["is_public"]) == ("report", 64, 48, False)
    assert sender.client.get(url(incident, "photos/")).json()["results"] == [shown]
    fetched = client().get(shown["url"])
    assert (fetched.status_code, fetched["Content-Type"]) == (200, "image/jpeg")
    line = Event.objects.get(case=incident, kind="photo_added")
    assert answer["ETag"] == f'"{line.seq}"'


def test_a_photo_nobody_has_looked_at_is_for_the_key_that_sent_it_alone():
    sender, auditor = caller(), caller("Auditor", READ_ALL)
    incident = filed(actor=sender.actor)
    shown = send(sender, incident).json()
    assert auditor.client.get(url(incident, "photos/")).json()["results"] == []
    assert client().get(shown["url"].partition("?")[0]).status_code == 404
    Photo.objects.update(is_public=True, moderated_at=timezone.now())
    [public] = auditor.client.get(url(incident, "photos/")).json()["results"]
    assert public["url"] == shown["url"].partition("?")[0]
    assert client().get(public["url"]).status_code == 200


def test_photos_of_others_who_saw_it_too_are_not_the_filers():
    sender = caller()
    incident = filed(actor=sender.actor)
    photo_row(incident=incident)
    assert sender.client.get(url(incident, "photos/")).json()["results"] == []


def test_the_same_picture_again_is_the_same_photo():
    sender = caller()
    incident = filed(actor=sender.actor)
    first, again = send(sender, incident), send(sender, incident)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Photo.objects.count() == 1


def svg():
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


REFUSED = {
    "7000x7000": (huge_png, "hole.png", 413, "too_large", "photo_too_many_pixels"),
    "svg": (svg, "hole.jpg", 415, "unsupported_media_type", "photo_type_not_allowed"),
    "text": (lambda: b"Not a picture", "hole.jpg", 415, "unsupported_media_type", "photo_type_not_allowed"),
    "half": (lambda: picture(size=(640, 480))[:400], "a.jpg", 415, "unsupported_media_type", "photo_unreadable"),
    "script": (lambda: picture() + b"<script>", "hole.jpg", 415, "unsupported_media_type", "photo_is_something_else"),
    "name": (picture, "hole.exe", 415, "unsupported_media_type", "photo_differs_from_name"),
    "empty": (lambda: b"", "hole.jpg", 415, "unsupported_media_type", "photo_empty"),
    "15 MB": (lambda: b"\xff\xd8\xff\xe0" + bytes(16_000_000), "a.jpg", 413, "too_large", "photo_too_large"),
}


@pytest.mark.parametrize(("content", "name", "status", "code", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_photo_we_take_is_refused_with_a_sentence(content, name, status, code, why):
    sender = caller()
    incident = filed(actor=sender.actor)
    answer = send(sender, incident, content(), name)
    assert_problem(answer, status, code)
    assert codes(answer) == {why}
    assert pointers(answer) == {"/file"}
    assert answer.json()["detail"].endswith(".")
    assert not Photo.objects.exists()
    assert not Event.objects.filter(case=incident, kind="photo_added").exists()


def test_the_bomb_of_7000_by_7000_is_small_to_send():
    assert len(huge_png()) < 200_000


def test_more_photos_than_a_report_takes_are_refused():
    sender = caller()
    incident = filed(actor=sender.actor)
    for _ in range(MOST_BY_LINK):
        photo_row(incident=incident)
    answer = send(sender, incident)
    assert_problem(answer, 422, "refused")
    assert codes(answer) == {"photo_too_many"}
    assert Photo.objects.count() == MOST_BY_LINK


def test_what_is_missing_or_too_much_in_the_body_has_its_line():
    sender = caller()
    incident = filed(actor=sender.actor)
    answer = sender.client.post(url(incident, "photos/"), {"kind": "repair"})
    assert_problem(answer, 400, "invalid_data")
    assert pointers(answer) == {"/file", "/kind"}


def test_a_stale_revision_keeps_the_photo_out():
    sender = caller()
    incident = filed(actor=sender.actor)
    upload = SimpleUploadedFile("hole.jpg", picture(), "image/jpeg")
    answer = sender.client.post(url(incident, "photos/"), {"file": upload}, headers={"If-Match": '"1"'})
    assert_problem(answer, 412, "stale_revision")
    assert not Photo.objects.exists()


def test_a_report_that_has_ended_takes_no_photo():
    sender = caller()
    answer = send(sender, in_state("rejected", actor=sender.actor))
    assert_problem(answer, 409, "wrong_state")


def test_only_the_key_that_filed_adds_photos():
    everything = caller("Everything", READ_ALL, SUBMIT)
    answer = send(everything, anonymous())
    assert_problem(answer, 403, "not_allowed")
    assert not Photo.objects.exists()
