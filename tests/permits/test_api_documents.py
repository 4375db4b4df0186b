"""Files over the API: added by the applicant's key, served as downloads that no browser runs."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from permits import files
from tests.permits.api_callers import READ, READ_ALL, assert_problem, caller, codes, pointers, url
from tests.permits.factories import PDF, filed, fresh, in_state
from workflow.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ames():
    return caller("Ames")


@pytest.fixture
def permit(ames):
    return filed(actor=ames.actor)


def send(sender, permit, content=PDF, name="plan.pdf", kind="site_plan", headers=None, **more):
    upload = SimpleUploadedFile(name, content, content_type="application/pdf")
    return sender.client.post(url(permit, "documents/"), {"file": upload, "kind": kind, **more}, headers=headers or {})


def stored(tmp_path):
    return list((tmp_path / "uploads").glob("*"))


def test_a_file_is_kept_and_read_back(ames, permit, tmp_path):
    answer = send(ames, permit, name="../../site plan.pdf")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["kind"], body["name"], body["size_bytes"]) == ("site_plan", "site plan.pdf", len(PDF))
    assert body["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert answer["ETag"] == f'"{fresh(permit).revision}"' == f'"{permit.revision + 1}"'
    assert ames.client.get(url(permit, "documents/")).json()["results"] == [body]
    fetched = ames.client.get(body["url"])
    assert b"".join(fetched.streaming_content) == PDF
    assert fetched["Content-Disposition"].startswith("attachment")
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert fetched["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert len(stored(tmp_path)) == 1
    event = fresh(permit).events.last()
    assert (event.kind, event.actor, event.public) == ("document", "Ames", True)


def test_the_same_file_again_is_the_same_document(ames, permit, tmp_path):
    first, again = send(ames, permit), send(ames, permit)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert fresh(permit).revision == permit.revision + 1
    assert len(stored(tmp_path)) == Document.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "plan.pdf", 415, "file_empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "plan.svg", 415, "file_type_not_allowed"),
        (b"<html><script>alert(1)</script>", "plan.pdf", 415, "file_type_not_allowed"),
        (PDF, "plan.png", 415, "file_differs_from_name"),
        (PDF, "plan.pdf.exe", 415, "file_differs_from_name"),
        (PDF + b" " * (25 * 1024 * 1024), "plan.pdf", 413, "file_too_large"),
    ],
)
def test_a_file_we_do_not_take_is_refused_with_its_reason(ames, permit, tmp_path, content, name, status, code):
    answer = send(ames, permit, content, name)
    assert_problem(answer, status, {413: "too_large", 415: "unsupported_media_type"}[status])
    assert codes(answer) == {code}
    assert not stored(tmp_path)
    assert fresh(permit).revision == permit.revision


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"kind": "site_plan"}, "/file"),
        ({"kind": "site_plan", "file": "text"}, "/file"),
        ({"file": 1, "kind": "permit"}, "/kind"),
        ({"file": 1}, "/kind"),
        ({"file": 1, "kind": "site_plan", "public": "no"}, "/public"),
    ],
)
def test_the_parts_that_are_wrong_are_named(ames, permit, parts, pointer):
    parts = {**parts, "file": SimpleUploadedFile("plan.pdf", PDF)} if parts.get("file") == 1 else parts
    answer = ames.client.post(url(permit, "documents/"), parts)
    assert_problem(answer, 400, "invalid_data")
    assert pointer in pointers(answer)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"%PDF-1.4", "application/pdf", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=", 400),
        (b"--b\r\n\xff\xfe", "multipart/form-data; boundary=b", 400),
        (b"", "multipart/form-data; boundary=b", 400),
    ],
)
def test_what_is_no_upload_is_a_problem(ames, permit, body, content_type, status):
    answer = ames.client.generic("POST", url(permit, "documents/"), body, content_type)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_too_many_parts_are_refused(ames, permit):
    answer = send(ames, permit, **{f"n{number}": "x" for number in range(1100)})
    assert_problem(answer, 400, "malformed")


def test_a_stale_revision_adds_nothing(ames, permit, tmp_path):
    assert_problem(send(ames, permit, headers={"If-Match": '"1"'}), 412, "stale_revision")
    assert not stored(tmp_path)


def test_only_the_applicants_key_adds_files(permit):
    assert_problem(send(caller("Boone"), permit), 404, "not_found")
    assert_problem(send(caller("All", READ_ALL, "permits:submit"), permit), 403, "not_allowed")
    assert_problem(send(caller("Reader", READ), permit), 403, "scope_missing")


def test_a_closed_permit_takes_no_files(ames):
    assert_problem(send(ames, in_state("cancelled", actor=ames.actor)), 409, "wrong_state")


def test_a_file_that_is_not_public_is_not_there(ames, permit):
    body = send(ames, permit).json()
    Document.objects.update(public=False)
    assert ames.client.get(url(permit, "documents/")).json()["results"] == []
    assert_problem(ames.client.get(body["url"]), 404, "not_found")


def test_a_file_of_another_permit_is_not_found_under_this_one(ames, permit):
    other = filed(actor=ames.actor, checked=False)
    document = send(ames, other).json()["id"]
    assert_problem(ames.client.get(url(permit, f"documents/{document}/")), 404, "not_found")


@pytest.mark.parametrize("state", ["submitted", "in_review", "approved", "refused"])
def test_a_permit_that_is_not_issued_has_no_document(ames, state):
    assert_problem(ames.client.get(url(in_state(state, actor=ames.actor), "pdf/")), 404, "not_issued")


def test_the_permit_is_fetched_as_pdf(ames):
    permit = in_state("in_force", actor=ames.actor)
    answer = ames.client.get(url(permit, "pdf/"))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/pdf"
    assert permit.reference in answer["Content-Disposition"]
    assert content == files.path_of(permit.permit_document.storage_name).read_bytes()
    assert content.startswith(b"%PDF-")
