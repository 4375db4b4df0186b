"""One case as a ZIP: what is in it for whom, and that its history says so."""

import csv
import io
import json
import zipfile

import pytest

from incidents import photos
from tests.incidents.test_admin_desk import picture
from tests.permits.factories import with_documents
from tests.workflow.both_kinds import both, permit, report
from workflow import audit
from workflow.admin import case_file
from workflow.contrib.storage import path_of
from workflow.models import Case, Event

pytestmark = pytest.mark.django_db
INCIDENTS, PERMITS = "/admin/incidents/incident/", "/admin/permits/roadpermit/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def berit(client):
    made = both()
    client.force_login(made)
    return made


def unpacked(answer):
    """Name -> content; the folder named by the reference taken off."""
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert archive.testzip() is None
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def saved(client, url, case):
    return unpacked(client.post(f"{url}{case.pk}/file/"))


def test_a_permits_file_has_facts_history_and_documents(client, berit):
    case = with_documents(permit())
    found = saved(client, PERMITS, case)
    assert json.loads(found["case.json"])["reference"] == case.reference
    assert json.loads(found["case.json"])["persons"][0]["role"] == "applicant"
    documents = {f"documents/{one.pk}-{case_file.safe_name(one.name)}": one for one in case.documents.all()}
    assert {name for name in found if name.startswith("documents/")} == set(documents) != set()
    for name, one in documents.items():
        assert found[name] == path_of(one.storage_name).read_bytes()


def test_a_reports_file_has_its_photos(client, berit):
    case = report()
    kept = photos.keep(picture(), incident=case).photo
    found = saved(client, INCIDENTS, case)
    assert found[f"photos/{kept.pk}-report.jpg"] == path_of(photos.names_of(kept.token)[0]).read_bytes()


@pytest.mark.parametrize(("url", "make"), [(INCIDENTS, report), (PERMITS, permit)])
def test_the_history_says_who_saved_it_and_still_holds(client, berit, url, make):
    case = make()
    found = saved(client, url, case)
    last = Event.objects.filter(case_id=case.pk).latest("seq")
    assert (last.kind, last.actor, last.public) == ("exported", "Berit Berg", False)
    lines = json.loads(found["history.json"])
    assert [line["seq"] for line in lines] == list(range(1, last.seq + 1))
    assert lines[-1]["digest"] == last.digest
    rows = list(csv.DictReader(io.StringIO(found["history.csv"].decode("utf-8-sig"), newline="")))
    assert rows[-1]["What"] == "Exported"
    assert all(isinstance(one, int) for one in audit.verify(reference=case.reference))


def test_who_sees_no_persons_gets_none(client):
    client.force_login(both("paul", persons=False, work=False))
    case = report()
    hidden = photos.keep(picture(), incident=case).photo
    found = saved(client, INCIDENTS, case)
    assert f"photos/{hidden.pk}-report.jpg" not in found
    for content in found.values():
        for secret in ("Walter", "walter.hale", "555 0147"):
            assert secret not in content.decode()
    assert "persons" not in json.loads(found["case.json"])
    assert "data" not in json.loads(found["history.json"])[0]


def test_the_button_stands_on_the_record_and_a_link_does_nothing(client, berit):
    case = report()
    assert f'action="{INCIDENTS}{case.pk}/file/"' in client.get(f"{INCIDENTS}{case.pk}/change/").content.decode()
    assert client.get(f"{INCIDENTS}{case.pk}/file/").status_code == 403
    assert not Event.objects.filter(case_id=case.pk, kind="exported").exists()


def test_who_may_not_look_gets_nothing(client):
    client.force_login(both("ida", kinds=("permits",)))
    case = report()
    assert client.post(f"{INCIDENTS}{case.pk}/file/").status_code == 403
    assert client.post(f"{PERMITS}{case.pk}/file/").status_code == 404
    assert Case.objects.get(pk=case.pk).revision == case.revision


def test_a_missing_file_is_named_and_the_rest_is_there(client, berit):
    case = with_documents(permit())
    first = case.documents.first()
    path_of(first.storage_name).unlink()
    found = saved(client, PERMITS, case)
    assert first.name in found["missing.txt"].decode()
    assert "history.json" in found


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\plan.pdf", "plan.pdf"), ("..", "file"), ("", "file"),
     ("a\x00b:c.pdf", "a_b_c.pdf")],
)  # fmt: skip
def test_a_name_stays_in_its_folder(name, kept):
    assert case_file.safe_name(name) == kept


def test_it_is_packed_while_it_is_sent():
    taken = []

    def chunks():
        for number in range(50):
            taken.append(number)
            yield bytes(1000)

    sent = case_file.packed([("a.jpg", chunks())])
    size = 0
    while size < 10_000:
        size += len(next(sent))
    assert len(taken) < 15
