"""Bodies of every shape: with pictures, too large, unreadable; always an answer in the format, never a page."""

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from PIL import Image

from incidents.models import Incident, Open311Request, Photo, Report
from incidents.photos import address_of
from tests.incidents.open311.asking import AMES, TYPES, URLENCODED, faults, id_of, post, said

pytestmark = pytest.mark.django_db
HOLE = {"service_code": "pothole", "description": "Deep hole"} | AMES


def picture(name="hole.jpg", color="gray", size=(64, 48)):
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, "JPEG")
    return SimpleUploadedFile(name, written.getvalue(), "image/jpeg")


def send(body, extension="json", **extra):
    """As multipart/form-data, unless ``content_type`` says otherwise."""
    answer = Client().post(f"/open311/v2/requests.{extension}", body, **extra)
    assert answer["Content-Type"] == TYPES[extension]
    return answer


@pytest.mark.parametrize("name", ["media", "photo1", "media[]"])
def test_pictures_are_kept_but_shown_only_when_an_officer_let_them_through(name, key, extension):
    reference = id_of(send({**HOLE, "api_key": key, name: picture()}, extension))
    photo = Photo.objects.get(incident__reference=reference)
    assert said(f"requests/{reference}")[0]["media_url"] is None
    Photo.objects.update(is_public=True, moderated_at=photo.created_at)
    [entry] = said(f"requests/{reference}", extensions="true")
    assert entry["media_url"] == address_of(photo)
    assert entry["media_url"].startswith(settings.SITE_URL)
    assert entry["extended_attributes"]["photos"] == [address_of(photo)]
    assert not Report.objects.exists()


def test_the_same_form_with_the_same_pictures_is_the_same_report(key):
    body = {**HOLE, "api_key": key}
    first = id_of(send({**body, "photo1": picture(color="red"), "photo2": picture(color="blue")}))
    assert id_of(send({**body, "photo1": picture(color="red"), "photo2": picture(color="blue")})) == first
    assert Photo.objects.count() == 2
    assert id_of(send({**body, "photo1": picture(color="red")})) != first


def test_a_refused_picture_refuses_the_report_and_leaves_nothing(key, extension):
    bad = SimpleUploadedFile("hole.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    answer = send({**HOLE, "api_key": key, "photo1": picture(), "photo2": bad}, extension)
    assert answer.status_code == 400
    [(code, reason)] = faults(answer)
    assert (code, reason.startswith("photo_")) == (400, True)
    assert not Incident.objects.exists()
    assert not Photo.objects.exists()
    assert not Report.objects.exists()


def test_a_wrong_form_is_refused_before_its_pictures_are_looked_at(key):
    answer = send({**HOLE, "lat": "", "api_key": key, "media": SimpleUploadedFile("x.jpg", b"x")})
    assert faults(answer) == [(400, "latitude_missing")]


def test_six_pictures_are_too_many(key):
    answer = send({**HOLE, "api_key": key, "media": [picture(color=(n, n, n)) for n in range(6)]})
    assert faults(answer) == [(400, "too_many_photos")]


def test_a_picture_by_address_is_not_fetched_and_that_is_said(key):
    [entry] = post(key=key, media_url="http://169.254.169.254/latest/meta-data", **HOLE).json()
    assert entry["service_notice"].endswith("We take pictures as files, not by media_url.")
    assert not Photo.objects.exists()


def test_a_body_that_is_too_large_is_a_413(key, extension):
    """38"""
    body = f"api_key={key}&service_code=pothole&description=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = send(body, extension, content_type=URLENCODED)
    assert (answer.status_code, faults(answer)) == (413, [(413, "too_large")])
    with override_settings(UPLOAD_MAX_BYTES=100):
        answer = send({**HOLE, "api_key": key, "x": "y" * 1_200_000}, extension)
    assert (answer.status_code, faults(answer)) == (413, [(413, "too_large")])


def test_xml_is_never_read(key, extension):
    """38"""
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    answer = send(bomb, extension, content_type="text/xml")
    assert (answer.status_code, faults(answer)) == (400, [(400, "unsupported_media_type")])


SHAPES = [
    ("&".join(f"a{n}=1" for n in range(1001)), URLENCODED, "too_many_fields"),
    ("description=%00", URLENCODED, "unreadable_text"),
    ("description=%ff", URLENCODED, "unreadable_text"),
    (b"description=\xff", URLENCODED, "unreadable_text"),
    ("description=%ed%a0%80", URLENCODED, "unreadable_text"),
    ("%00=1", URLENCODED, "unreadable_text"),
    ("{}", "application/json", "unsupported_media_type"),
    ("a=1", "application/x-www-form-urlencoded; charset=iso-8859-1", "unsupported_media_type"),
    ("x", "multipart/form-data", "malformed"),
    ("x", "multipart/form-data; boundary=", "malformed"),
    (b'--b\r\nContent-Disposition: form-data; name="d"\r\n\r\n\xff\r\n--b--\r\n', "multipart/form-data; boundary=b",
     "unreadable_text"),
    (b'--b\r\nContent-Disposition: form-data; name="d"\r\n\r\n\x00\r\n--b--\r\n', "multipart/form-data; boundary=b",
     "unreadable_text"),
    (b"".join(b'--b\r\nContent-Disposition: form-data; name="d%d"\r\n\r\n1\r\n' % n for n in range(1002)) + b"--b--",
     "multipart/form-data; boundary=b", "too_many_fields"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "content_type", "reason"), SHAPES)
@pytest.mark.parametrize("path", ["requests", "servicerequestupdates"])
def test_a_body_that_cannot_be_read_is_a_400(body, content_type, reason, path, extension):
    """38"""
    answer = Client().post(f"/open311/v2/{path}.{extension}", body, content_type=content_type)
    assert answer["Content-Type"] == TYPES[extension]
    assert (answer.status_code, faults(answer)) == (400, [(400, reason)])


def test_a_body_in_chunks_is_told_so(extension):
    answer = send("", extension, content_type=URLENCODED, headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH="")
    assert faults(answer) == [(411, "length_required")]


def test_a_packed_body_is_told_so():
    answer = send(b"\x1f\x8b", content_type=URLENCODED, headers={"Content-Encoding": "gzip"})
    assert faults(answer) == [(400, "unsupported_media_type")]


def test_an_empty_body_is_asked_for_a_key(extension):
    assert faults(send("", extension, content_type=URLENCODED)) == [(403, "api_key_missing")]


@pytest.mark.parametrize("field", ["description", "email", "phone", "first_name", "address_string", "service_code",
                                   "attribute[size]", "lat"])  # fmt: skip
def test_nothing_that_is_typed_breaks_the_server(field, key):
    filed = 0
    for value in ("\x01", "\u202e", "x" * 5000, "' OR 1=1 --", "🚧" * 300, "<b>", "%s%s", "{{7*7}}"):
        answer = post(key=key, **HOLE | {field: value})
        assert answer.status_code in (200, 400, 404)
        filed += answer.status_code == 200
        assert Incident.objects.count() == Open311Request.objects.count() == filed
