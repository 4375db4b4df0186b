"""Documents on the record: seen in place as our own pictures, saved as they are, by the same people."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from permits import files
from permits.models import RoadPermit
from tests.admin_pages import page_url, record_url
from tests.permits import factories as make
from tests.workflow.test_viewing import pdf, picture
from workflow import actors, engine
from workflow.models import Document, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "files", tmp_path / "var"


@pytest.fixture
def rita(client):
    made = make.user("rita")
    client.force_login(made)
    return made


def sent(permit: RoadPermit, name: str, content: bytes, kind: str = "plan") -> Document:
    def keep(case):
        files.store_upload(case, SimpleUploadedFile(name, content), kind=kind, added_by="Applicant")
        return {"kind": kind}

    engine.change(permit, "document", actor=actors.applicant(permit), apply=keep)
    return Document.objects.latest("pk")


def view(client, permit, document, **query):
    return client.get(page_url(permit, "view", document.pk), query)


def test_a_pdf_is_read_page_by_page_and_the_file_itself_is_only_saved(client, rita):
    permit = make.filed()
    document = sent(permit, "plan.pdf", pdf(3))
    assert page_url(permit, "view", document.pk) in client.get(record_url(permit)).content.decode()
    page = view(client, permit, document, page=2).content.decode()
    assert "Page <strong>2</strong> of 3" in page
    assert "page 2 of 3, as a picture" in page
    for words in ("?page=1&amp;zoom=fit", "?page=3&amp;zoom=fit", "?page=2&amp;zoom=full"):
        assert f"/view/{words}" in page
    assert page_url(permit, "document", document.pk) in page
    drawn = client.get(page_url(permit, "picture", document.pk), {"page": 2, "zoom": "fit"})
    assert (drawn["Content-Type"], drawn.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert drawn["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert drawn["Cache-Control"].startswith("private")
    saved = client.get(page_url(permit, "document", document.pk))
    assert saved["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "-3"}, {"page": "x"}, {"page": "9" * 40}, {"zoom": "../x"}])
def test_nonsense_in_the_address_shows_a_page(client, rita, query):
    permit = make.filed()
    assert view(client, permit, sent(permit, "plan.png", picture("PNG"), "other"), **query).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("locked.pdf", pdf(password="sesame"), "locked with a password"),
        ("broken.pdf", b"%PDF-1.4\n", "damaged"),
        ("plan.dwg", b"AC1032" + b"\0" * 100, "not shown here"),
    ],
)
def test_a_file_that_cannot_be_shown_says_so_and_is_saved(client, rita, name, content, words):
    permit = make.filed()
    document = sent(permit, name, content)
    page = view(client, permit, document)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert page_url(permit, "document", document.pk) in page.content.decode()
    assert client.get(page_url(permit, "picture", document.pk)).status_code == 404


def test_who_may_not_look_at_the_permit_sees_no_page_of_it(client):
    permit, other = make.filed(), make.filed(**make.at(3))
    document = sent(permit, "plan.pdf", pdf())
    for name in ("view", "picture"):
        assert client.get(page_url(permit, name, document.pk)).status_code == 302  # to the log-in
    client.force_login(make.user("ned", permissions=()))
    for name in ("view", "picture"):
        assert client.get(page_url(permit, name, document.pk)).status_code == 403
    client.force_login(make.user("rita"))
    for name in ("view", "picture"):
        assert client.get(page_url(other, name, document.pk)).status_code == 404


def test_looking_leaves_no_trace_in_the_history(client, rita):
    permit = make.filed()
    document = sent(permit, "plan.pdf", pdf())
    before = Event.objects.count()
    view(client, permit, document)
    assert Event.objects.count() == before
