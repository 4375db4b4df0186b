"""Queues as CSV and spreadsheet, for both kinds and over all: what is in them, who is named, what they cost."""

import csv
import io
import re
import struct
import tracemalloc
import zipfile
from xml.etree import ElementTree

import pytest
from xlsxwriter.utility import xl_col_to_name

from incidents.models import Incident
from tests.incidents.test_admin_queue import copies
from tests.workflow.both_kinds import both, permit, report
from workflow.admin import export, sending, tables
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
        shared = [node.text for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SHEET}t")]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = [texts_of(row, shared) for row in sheet.iter(f"{SHEET}row")]
    assert not list(sheet.iter(f"{SHEET}f")), "no cell is a formula"
    return rows


def texts_of(row, shared):
    """Each cell at its column: empty ones are not in the file."""
    texts = {}
    for cell in row:
        text = "".join(cell.itertext())
        texts[re.match("[A-Z]+", cell.get("r"))[0]] = shared[int(text)] if cell.get("t") == "s" else text
    return [texts.get(letter, "") for letter in map(xl_col_to_name, range(len(export.COLUMNS)))]


def unframed(answer):
    """(lines so far, piece) of each frame; the last one says that this was all."""
    data = b"".join(answer)
    while data:
        rows, length = struct.unpack(">II", data[:8])
        if length == 0xFFFFFFFF:
            assert not data[8:]
            yield rows, None
            return
        yield rows, data[8 : 8 + length]
        data = data[8 + length :]
    raise AssertionError("no end")


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
    with django_assert_max_num_queries(20) as few:
        read_csv(client.get(f"{ALL}export.csv"))
    copies(first, 30)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(read_csv(client.get(f"{ALL}export.csv"))) == 31


def test_memory_does_not_grow_with_the_rows():
    """Twenty times the rows, the same memory (within a tenth of what they would take together)."""
    text = "x" * 200

    def bundles(count):
        for start in range(0, count, 100):
            yield [[text + str(number), number, None] for number in range(start, start + 100)]

    for write in (tables.as_csv, tables.as_xlsx):

        def work(count, write=write):
            for _piece in write(["A", "B", "C"], bundles(count)):
                pass

        work(100)  # what is imported and remembered on the way is no concern of ours
        few, many = peak(lambda work=work: work(500)), peak(lambda work=work: work(10_000))
        assert many - few < 10_000 * len(text) / 10


def peak(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_bytes_are_sent_while_others_are_still_read(client, berit, monkeypatch, kind):
    copies(report(), 40)
    monkeypatch.setattr(export, "AT_A_TIME", 10)
    sent = client.get(f"{INCIDENTS}export.{kind}", headers={"accept": sending.FRAMES})
    frames = list(unframed(sent))
    assert [rows for rows, _piece in frames][:6] == [0, 10, 20, 30, 40, 41]
    assert frames[0][1] or kind == "xlsx"


def test_what_no_sheet_can_hold_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ON_A_SHEET", 2)
    bundles = [[["0"], ["1"], ["2"]], [["3"]], [["4"]]]
    with zipfile.ZipFile(io.BytesIO(b"".join(tables.as_xlsx(["Head"], bundles)))) as book:
        sheets = [ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2, 3)]
    texts = [["".join(row.itertext()) for row in sheet.iter(f"{SHEET}row")] for sheet in sheets]
    assert texts == [["0", "0", "1"], ["0", "2", "3"], ["0", "4"]]  # the head is the first shared text
