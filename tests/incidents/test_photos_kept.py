"""Photos kept: the row and its file, and who may see them."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from incidents import photos
from incidents.models import Photo, Report
from incidents.photos import RefusedPhoto
from tests.incidents import factories as make
from tests.incidents import picture_samples as samples

pytestmark = pytest.mark.django_db


def kept(content: bytes | None = None, **values: Any) -> Photo:
    return photos.keep(samples.upload(content or samples.phone_photo()), **values).photo


def let_out(photo: Photo) -> Photo:
    photo.is_public, photo.moderated_at = True, timezone.now()
    photo.save()
    return photo


def files() -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_photo_is_a_row_and_two_files_under_a_name_of_our_own() -> None:
    incident = make.filed()
    photo = kept(incident=incident)
    assert [path.name for path in files()] == [f"{photo.token}-small.jpg", f"{photo.token}.jpg"]
    large = files()[1]
    assert (photo.size, photo.width, photo.height) == (large.stat().st_size, 800, 600)
    assert (photo.incident, photo.is_public, photo.kind) == (incident, False, "report")


def test_the_place_is_answered_and_stored_nowhere() -> None:
    found = photos.keep(samples.upload(samples.phone_photo()), report=Report.objects.create())
    assert found.place == pytest.approx(samples.AMES, abs=1e-5)
    row = Photo.objects.values().get()
    assert "42.03" not in str(row)
    assert all(b"GPS" not in path.read_bytes() for path in files())


def test_the_same_photo_sent_twice_is_one() -> None:
    report = Report.objects.create()
    assert kept(report=report) == kept(report=report)
    assert len(files()) == 2


def test_a_report_takes_five_photos() -> None:
    report = Report.objects.create()
    for width in range(100, 105):
        kept(samples.phone_photo(width), report=report)
    with pytest.raises(RefusedPhoto) as refused:
        kept(report=report)
    assert refused.value.code == "too_many_photos"


def test_a_refused_photo_leaves_neither_row_nor_file() -> None:
    with pytest.raises(RefusedPhoto):
        kept(samples.png_bomb())
    assert (files(), Photo.objects.count()) == ([], 0)


def test_a_failed_disk_leaves_no_row(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "taken"
    with pytest.raises(OSError):  # noqa: PT011
        kept()
    assert Photo.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_transaction_rolled_back_leaves_files_for_the_sweep_alone() -> None:
    with transaction.atomic():
        kept(report=Report.objects.create())
        transaction.set_rollback(True)
    assert (Photo.objects.count(), len(files())) == (0, 2)
    assert photos.sweep() == 0, "it may be of a transaction that is still open"
    age(files())
    assert photos.sweep() == 2
    assert files() == []


def age(paths: list[Path]) -> None:
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for path in paths:
        os.utime(path, (long_ago, long_ago))


def test_the_sweep_keeps_what_a_row_names_and_takes_what_nobody_claimed() -> None:
    mine, nobodys = kept(incident=make.filed()), kept(samples.phone_photo(300))
    Photo.objects.filter(pk=nobodys.pk).update(created_at=timezone.now() - timedelta(days=2))
    half = files()[0].with_name("0.jpg.part")
    half.write_bytes(b"x")
    age(files())
    assert photos.sweep() == 3
    assert [path.name.split(".")[0].removesuffix("-small") for path in files()] == [mine.token] * 2
    assert list(Photo.objects.all()) == [mine]


@pytest.mark.django_db(transaction=True)
def test_a_photo_taken_back_is_gone() -> None:
    photos.remove(kept(report=Report.objects.create()))
    assert (files(), Photo.objects.count()) == ([], 0)


# -- who sees it ------------------------------------------------------------------------------------------------------


def test_a_public_photo_opens_for_everybody(client: Client) -> None:
    photo = let_out(kept(incident=make.filed()))
    for small in (False, True):
        response = client.get(photos.url_of(photo, small=small))
        assert response.status_code == 200
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "public, max-age=300"
        assert b"".join(response.streaming_content).startswith(b"\xff\xd8\xff")  # type: ignore[attr-defined]
        again = client.get(photos.url_of(photo, small=small), headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304


def test_an_unmoderated_photo_is_not_there_for_the_public(client: Client) -> None:
    photo = kept(incident=make.filed())
    assert client.get(photos.url_of(photo)).status_code == 404
    assert client.get(photos.url_of(photo, small=True)).status_code == 404


def test_a_public_photo_of_a_hidden_report_is_not_there(client: Client) -> None:
    incident = make.filed()
    photo = let_out(kept(incident=incident))
    type(incident).objects.filter(pk=incident.pk).update(hidden_because="A licence plate")
    assert client.get(photos.url_of(photo)).status_code == 404
    incident.refresh_from_db()
    assert photos.public_photos(incident) == []


def test_an_officer_sees_it_and_no_cache_keeps_it(client: Client) -> None:
    photo = kept(incident=make.filed())
    client.force_login(make.user(permissions=["view"]))
    response = client.get(photos.url_of(photo))
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    client.force_login(make.user("nobody", permissions=[]))
    assert client.get(photos.url_of(photo)).status_code == 404


def test_the_reporter_sees_it_by_a_signed_address_that_fits_no_other(client: Client) -> None:
    incident, other = make.filed(), make.filed(latitude=42.5)
    photo, foreign = kept(incident=incident), kept(samples.phone_photo(300), incident=other)
    address = photos.url_for_reporter(incident, photo, small=True)
    response = client.get(address)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    signature = address.partition("?")[2]
    assert client.get(f"{photos.url_of(foreign)}?{signature}").status_code == 404
    assert client.get(photos.url_for(other, photo)).status_code == 404
    assert client.get(f"{photos.url_of(photo)}?for=%C3%A9").status_code == 404


def test_a_new_tracking_link_closes_the_old_addresses(client: Client) -> None:
    incident = make.filed()
    address = photos.url_for_reporter(incident, kept(incident=incident))
    type(incident).objects.filter(pk=incident.pk).update(tracking_nonce="0" * 32)
    assert client.get(address).status_code == 404


def test_a_photo_of_a_report_being_written_opens_with_its_own_address(client: Client) -> None:
    report = Report.objects.create()
    photo = kept(report=report)
    assert client.get(photos.url_for(report, photo, small=True)).status_code == 200
    assert client.get(photos.url_of(photo)).status_code == 404


def test_the_reporter_of_a_joined_report_still_sees_their_photo(client: Client) -> None:
    incident, survivor = make.filed(), make.filed()
    photo = kept(incident=incident)
    Photo.objects.filter(pk=photo.pk).update(created_at=incident.created_at - timedelta(minutes=1))
    make.fire(incident, "merge", into=survivor.reference)
    photo.refresh_from_db()
    assert photo.incident == survivor
    assert photos.photos_of_reporter(incident) == [photo]
    assert photos.photos_of_reporter(survivor) == []
    assert client.get(photos.url_for(incident, photo)).status_code == 200


@pytest.mark.parametrize("path", ["/m/0.jpg", "/m/../../etc/passwd", f"/m/{'0' * 32}.png", f"/m/{'0' * 32}.jpg"])
def test_what_is_no_photo_is_a_plain_404(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_lost_file_is_a_404_and_not_a_crash(client: Client) -> None:
    photo = let_out(make.photo(incident=make.filed()))
    assert client.get(photos.url_of(photo)).status_code == 404
