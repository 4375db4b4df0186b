"""What the citizens' pages of every kind share: references as they are typed, limits, letters, what was typed."""

import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls.resolvers import RoutePattern

from workflow.contrib.citizens import doors
from workflow.contrib.citizens.lookup import Kind, lookup_page
from workflow.contrib.citizens.problems import Problem, Problems
from workflow.contrib.citizens.references import LONGEST_TYPED, add_converter, as_stored, prefix_of
from workflow.contrib.citizens.typed import as_posted, typed_part
from workflow.models.case import ALPHABET, new_reference


@pytest.mark.parametrize(
    "typed", ["RP-26-7K30XM", "rp-26-7k30xm", " RP-26-7K3OXM ", "RP - 26 - 7K30 XM", "rp-26-7k3oxm"]
)
def test_a_reference_is_understood_as_it_is_written_or_heard(typed):
    assert as_stored(typed) == "RP-26-7K30XM"


@pytest.mark.parametrize("typed", ["", " ", "é", "RP_26", "RP-26-" + "X" * 20, "RP-26-%00", "7K30XM\x00"])
def test_what_cannot_be_a_reference_is_empty(typed):
    assert as_stored(typed) in ("", "-") or re.fullmatch(r"[0-9A-Z-]{1,16}", as_stored(typed))
    assert as_stored(typed) != "RP-26-7K30XM"


def test_letters_that_sound_like_digits_are_in_no_reference():
    assert not set("OIL") & set(ALPHABET)
    assert all(as_stored(new_reference("IR", 2026)) for _ in range(50))
    assert LONGEST_TYPED >= 16
    assert prefix_of("IR-26-7K3QXM") == "IR"


def test_an_address_takes_references_of_its_own_prefix_only():
    assert [add_converter("XZ") for _ in range(2)] == ["xz_reference"] * 2
    address = RoutePattern("see/<xz_reference:reference>/", is_endpoint=True)
    assert address.match("see/xz-26-7k3qxm/")[2] == {"reference": "xz-26-7k3qxm"}
    assert address.match("see/XB-26-7K3QXM/") is None
    assert address.match("see/XZ-26-7K3QXM-0000000000/") is None


@pytest.mark.django_db
def test_a_limit_counts_each_person_and_each_purpose_by_itself():
    minute = timedelta(minutes=1)
    assert [doors.within_limit("ask", "Ada", most=2, per=minute) for _ in range(3)] == [True, True, False]
    assert doors.within_limit("ask", "Bo", most=2, per=minute)
    assert doors.within_limit("send", "ada", most=2, per=minute)
    assert not doors.within_limit("ask", "ADA", most=2, per=minute)


@pytest.mark.django_db
def test_a_kind_is_asked_for_its_own_references_only(rf, client):
    sent = []
    page = lookup_page([Kind(prefix="XA", send=lambda *given: sent.append(given))])
    for reference in ("XA-26-7K3QXM", "XB-26-7K3QXM", "nonsense"):
        request = rf.post("/track/", {"reference": reference, "email": "ada@example.net"})
        request.session = client.session
        assert page(request).status_code == 200
    assert sent == [("XA-26-7K3QXM", "ada@example.net")]


@pytest.mark.django_db
def test_a_kind_with_a_public_page_leads_there_without_an_address(rf, client):
    page = lookup_page([Kind(prefix="XA", send=lambda *given: None, public_page=lambda code: f"/see/{code}/")])
    for request in (
        rf.get("/track/", {"reference": "xa-26-7k3qxm"}),
        rf.post("/track/", {"reference": "XA-26-7K3QXM", "email": " "}),
    ):
        request.session = client.session
        assert page(request).url == "/see/XA-26-7K3QXM/"


def test_what_was_typed_is_kept_word_for_word_with_its_parts_and_nothing_else():
    posted = QueryDict("a=1&a=2&b_0=x&b_1=%00y&c=z&csrf=secret")
    kept = typed_part(["a", "b"], posted)
    assert kept == {"a": ["1", "2"], "b_0": ["x"], "b_1": ["y"]}
    assert as_posted(kept).getlist("a") == ["1", "2"]


def test_problems_of_no_form_are_no_error():
    assert not Problems().errors
    assert Problems.of([], [Problem(text="Nothing was sent yet.")]).errors
