"""How an export leaves: what the log says of it, what it costs in memory, and what one hears instead of a file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.utils import timezone

from tests.incidents.test_admin_queue import copies
from tests.workflow.both_kinds import both, report
from tests.workflow.test_export import ALL, INCIDENTS, read_csv, unframed
from workflow.admin import export, sending
from workflow.models import Case
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LOG = "/admin/admin/logentry/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def berit(client):
    made = both()
    client.force_login(made)
    return made


def in_frames(client, address):
    return client.get(address, headers={"accept": sending.FRAMES})


def break_off(answer, *, after):
    """As the server does when the browser goes away; the test client keeps its connection to the database."""
    pieces = answer._iterator  # of the test client, which closes the answer but no connection
    for _ in range(after):
        next(pieces)
    pieces.close()


# -- the log ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_log_says_who_took_which_queue_with_what_filter_and_how_many(client, berit, ending):
    copies(report(), 2)
    b"".join(client.get(f"{INCIDENTS}export.{ending}?queue=team"))
    entry = LogEntry.objects.get(action_flag=sending.EXPORTED)
    assert (entry.user, entry.object_repr) == (berit, "Incidents ?queue=team")
    assert entry.change_message == f"Saved 3 cases as {ending.upper()}, with persons, filters ?queue=team."
    assert (timezone.now() - entry.action_time).total_seconds() < 60


def test_the_log_says_when_no_persons_were_in_it(client):
    client.force_login(both("paul", persons=False))
    report()
    read_csv(client.get(f"{ALL}export.csv"))
    assert LogEntry.objects.get().change_message == "Saved 1 case as CSV, without persons, no filters."


def test_the_log_knows_an_export_before_its_first_byte_and_where_it_broke_off(client, berit, monkeypatch):
    copies(report(), 40)
    monkeypatch.setattr(export, "AT_A_TIME", 10)
    answer = client.get(f"{INCIDENTS}export.csv")
    assert LogEntry.objects.get().change_message.startswith("Began to save 41 cases as CSV")
    break_off(answer, after=2)
    assert LogEntry.objects.get().change_message.startswith("Broke off after 10 of 41 cases")


def test_auditors_read_the_log_and_change_nothing_and_other_officers_do_not_see_it(client, berit):
    report()
    read_csv(client.get(f"{INCIDENTS}export.csv"))
    assert client.get(LOG).status_code == 403
    sync_roles()
    auditor = User.objects.create_user("aud", password="correct horse battery", is_staff=True)
    auditor.groups.add(Group.objects.get(name="Auditor"))
    client.force_login(auditor)
    page = client.get(LOG).content.decode()
    assert "Berit Berg" in page
    assert "Saved 1 case as CSV, with persons, no filters." in page
    assert client.post(f"{LOG}add/", {}).status_code == 403
    entry = LogEntry.objects.get()
    assert client.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403


# -- instead of a file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_of_nothing_no_file_is_made_and_the_page_says_so(client, berit, ending):
    address = f"{INCIDENTS}export.{ending}?queue=parked"
    page = client.get(address, follow=True)
    assert page.redirect_chain == [(f"{INCIDENTS}?queue=parked", 302)]
    assert export.NOTHING in page.content.decode()
    assert in_frames(client, address).json() == {"sentence": export.NOTHING}
    assert not LogEntry.objects.exists()


def test_only_so_many_are_sent_at_once_and_a_place_is_free_again_after_each(client, berit):
    report()
    address = f"{INCIDENTS}export.csv"
    under_way = [client.get(address) for _ in range(sending.MOST_AT_ONCE)]
    refused = client.get(address)
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert in_frames(client, address).json() == {"sentence": sending.BUSY}
    for answer in under_way:
        break_off(answer, after=1)
    for _ in range(2 * sending.MOST_AT_ONCE):
        assert len(read_csv(client.get(address))) == 1


def test_an_export_is_asked_for_and_not_posted(client, berit):
    assert client.post(f"{INCIDENTS}export.csv").status_code == 405


# -- while cases move -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_cases_that_move_meanwhile_are_neither_doubled_nor_left_out(client, berit, monkeypatch, ending):
    copies(report(), 40)
    monkeypatch.setattr(export, "AT_A_TIME", 10)
    expected = set(Case.objects.values_list("reference", flat=True))
    frames = list(unframed(_moving(in_frames(client, f"{INCIDENTS}export.{ending}"))))
    assert frames[-1][0] == len(expected) == 41
    text = b"".join(piece or b"" for _rows, piece in frames)
    if ending == "csv":
        found = re.findall(r"^IR[^,]+", text.decode("utf-8-sig"), re.MULTILINE)
        assert sorted(found) == sorted(expected)


def _moving(answer):
    """The answer, while deadlines change and half of the cases are closed after its second piece."""
    for number, piece in enumerate(answer):
        if number == 2:
            for turn, case in enumerate(Case.objects.order_by("pk")):
                moved = {"due_at": timezone.now()} if turn % 2 else {"closed_at": timezone.now()}
                Case.objects.filter(pk=case.pk).update(**moved)
        yield piece


def test_nothing_is_written_to_a_disk(client, berit, monkeypatch):
    copies(report(), 20)

    def no_file(*args, **kwargs):
        raise AssertionError("a temporary file")

    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(f"tempfile.{name}", no_file)
    assert b"".join(client.get(f"{INCIDENTS}export.xlsx")).startswith(b"PK")


# -- memory of a process ----------------------------------------------------------------------------------------------

PEAK = """
import sys
import django
django.setup()
from workflow.admin import tables
count, ending = int(sys.argv[1]), sys.argv[2]
def bundles():
    for start in range(0, count, 500):
        yield [[f"IR-26-{row:06}", "A title of some length &c.", *["word"] * 20, row, 1.5]
               for row in range(start, start + 500)]
for piece in {"csv": tables.as_csv, "xlsx": tables.as_xlsx}[ending](["Head"] * 24, bundles()):
    pass
# Not ru_maxrss: that of a child begins with what its parent took.
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak_mb(rows, ending):
    """Megabytes a process of its own took at most."""
    command = [sys.executable, "-c", PEAK, str(rows), ending]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_process_that_writes_fifty_times_the_rows_takes_no_more_memory(ending):
    few, many = peak_mb(1_000, ending), peak_mb(50_000, ending)
    assert many < few + 8, "50,000 rows are 10 MB of CSV, and 40 MB as XML"
