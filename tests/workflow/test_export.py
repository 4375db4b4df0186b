"""Queues as CSV and spreadsheet, for both kinds and over all: what is in them, who is named, what they cost."""

import csv
import io
import tempfile
import tracemalloc
import zipfile
from xml.etree import ElementTree

import pytest

from incidents.models import Incident
from tests.incidents.test_admin_queue import copies
from tests.workflow.both_kinds import both, permit, report
from workflow.admin import export
from workflow.models import Case

pytestmark = pytest.mark.django_db
INCIDENTS, PERMITS, ALL = "/admin/incidents/incident/", "/admin/permits/roadpermit/", "/admin/workflow/case/"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def berit(client):
    made = both()
    client.force_login(made)
    return made


def read_csv(answer):
    assert answer.status_code == 200
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_xlsx(answer):
    """Rows of texts, read without the library that wrote them."""
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{SHEET}row")]
    assert not list(sheet.iter(f"{SHEET}f")), "no cell is a formula"
    return rows


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(("url", "make"), [(INCIDENTS, report), (PERMITS, permit), (ALL, report), (ALL, permit)])
def test_a_queue_is_saved_with_words_in_its_columns(client, berit, url, make, kind):
    case = make()
    answer = client.get(f"{url}export.{kind}")
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    if kind == "csv":
        (line,) = read_csv(answer)
        assert line["Reference"] == case.reference
        assert line["State"] in ("With the right team", "In review")
        assert line["Kind"] in ("Road permit", "Incident")
        assert line["Team"] == str(case.team)
    else:
        head, line = read_xlsx(answer)
        assert head[: len(export.COLUMNS)] == [column.head for column in export.COLUMNS]
        assert line[0] == case.reference


def test_the_filters_of_the_queue_hold_for_its_export_and_the_link_keeps_them(client, berit):
    one, other = report(), report(latitude=42.4)
    Case.objects.filter(pk=other.pk).update(county="polk")
    page = client.get(INCIDENTS, {"county": "polk", "queue": "team"}).content.decode()
    assert "/admin/incidents/incident/export.csv?county=polk&amp;queue=team" in page
    assert [line["Reference"] for line in read_csv(client.get(f"{INCIDENTS}export.csv?county=polk"))] == [
        other.reference
    ]
    assert read_csv(client.get(f"{INCIDENTS}export.csv?q={one.reference}"))[0]["Reference"] == one.reference
    assert client.get(f"{INCIDENTS}export.csv?colour=red").status_code == 302


def test_persons_are_named_only_to_who_may_see_them(client, berit):
    report()
    (line,) = read_csv(client.get(f"{INCIDENTS}export.csv"))
    assert (line["Name"], line["E-mail"]) == ("Walter Hale", "walter.hale@example.net")
    client.force_login(both("paul", persons=False))
    for kind in ("csv", "xlsx"):
        answer = client.get(f"{INCIDENTS}export.{kind}")
        text = str(read_csv(answer) if kind == "csv" else read_xlsx(answer))
        for secret in ("Walter", "walter.hale", "555 0147", "E-mail"):
            assert secret not in text


def test_who_may_not_look_gets_nothing(client):
    client.force_login(both("ida", kinds=("permits",)))
    for kind in ("csv", "xlsx"):
        assert client.get(f"{INCIDENTS}export.{kind}").status_code == 403


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x", "\n=x"])
def test_no_cell_begins_as_a_formula_would(client, berit, text):
    case = report()
    Incident.objects.filter(pk=case.pk).update(title=text)
    (line,) = read_csv(client.get(f"{INCIDENTS}export.csv"))
    assert line["Title"] == f"'{text}"
    _head, line = read_xlsx(client.get(f"{INCIDENTS}export.xlsx"))
    assert line[2].startswith("'")


def test_numbers_stay_numbers(client, berit):
    report(route="I-35", milepost=120.5)
    (line,) = read_csv(client.get(f"{INCIDENTS}export.csv"))
    assert (line["Mile"], float(line["Longitude"]) < 0) == ("120.5", True)


def test_odd_text_goes_out_as_it_came(client, berit):
    case = report()
    odd = 'Öl, "quoted"\nsecond line 🛣'
    Incident.objects.filter(pk=case.pk).update(title=odd)
    assert read_csv(client.get(f"{INCIDENTS}export.csv"))[0]["Title"] == odd
    assert read_xlsx(client.get(f"{INCIDENTS}export.xlsx"))[1][2] == odd


def test_an_export_takes_as_many_queries_for_many_cases_as_for_one(client, berit, django_assert_max_num_queries):
    first = report()
    read_csv(client.get(f"{ALL}export.csv"))
    with django_assert_max_num_queries(12) as few:
        read_csv(client.get(f"{ALL}export.csv"))
    copies(first, 30)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(read_csv(client.get(f"{ALL}export.csv"))) == 31


def peak(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows():
    """Twenty times the rows, the same memory (within a tenth of what they would take together)."""
    text = "x" * 200

    def rows(count):
        return ([text + str(number), number, None] for number in range(count))

    def as_csv(count):
        for _chunk in export.csv_lines(rows(count)):
            pass

    def as_xlsx(count):
        with tempfile.TemporaryFile() as file:
            export.write_xlsx(file, rows(count))

    for write in (as_csv, as_xlsx):
        write(10)  # what is imported and remembered on the way is no concern of ours
        few, many = peak(lambda write=write: write(500)), peak(lambda write=write: write(10_000))
        assert many - few < 10_000 * len(text) / 10


def test_lines_are_sent_while_others_are_still_read(client, berit, monkeypatch):
    copies(report(), 40)
    monkeypatch.setattr(export, "AT_A_TIME", 10)
    monkeypatch.setattr(export, "SENT_AT_ONCE", 5)
    bundles = [bundle.count(b"\r\n") for bundle in client.get(f"{INCIDENTS}export.csv")]
    assert bundles == [5] * 8 + [2]


def test_what_no_sheet_can_hold_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(export, "MOST_ON_A_SHEET", 2)
    file = io.BytesIO()
    export.write_xlsx(file, [["Head"], *([str(number)] for number in range(5))])
    with zipfile.ZipFile(file) as book:
        sheets = [ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2, 3)]
    texts = [["".join(row.itertext()) for row in sheet.iter(f"{SHEET}row")] for sheet in sheets]
    assert texts == [["Head", "0", "1"], ["Head", "2", "3"], ["Head", "4"]]
