"""Officers who go astray are told in the office, with the way back; everybody else on the public pages."""

import pytest
from django.test import Client

from tests.permits import factories as make

pytestmark = pytest.mark.django_db


def officer() -> Client:
    client = Client()
    client.force_login(make.user("rita"))
    return client


def test_an_unknown_page_of_the_office_leads_back_to_work() -> None:
    answer = officer().get("/admin/nowhere/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Back to your work" in page
    assert "/track/" not in page


def test_an_unknown_case_is_told_in_our_words() -> None:
    answer = officer().get("/admin/permits/roadpermit/424242/change/")
    assert answer.status_code == 404
    assert "There is no such permit." in answer.content.decode()


def test_a_page_of_another_role_says_whom_to_ask() -> None:
    answer = officer().get("/admin/auth/user/add/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "ask your district manager" in page
    assert "Back to your work" in page


def test_the_public_pages_keep_their_own() -> None:
    page = officer().get("/nowhere/").content.decode()
    assert "Track a request with its reference" in page
    assert "Back to your work" not in page


def test_who_is_not_signed_in_is_asked_to_and_learns_nothing() -> None:
    assert Client().get("/admin/nowhere/").status_code == 302
