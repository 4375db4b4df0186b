"""The pages that belong to the site itself."""

import re

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings

from config import views

WAYS = ("/report/", "/incidents/", "/incidents/watch/", "/permits/apply/", "/track/", "/verify/", "/api/docs/")
ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


def rendered(template: str) -> str:
    request: HttpRequest = RequestFactory().get("/nowhere/")
    return render_to_string(template, {"agency_phone": settings.AGENCY_PHONE}, request)


def assert_nothing_inline_and_nothing_foreign(html: str) -> None:
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
    foreign = re.findall(r"(?:src|href|action)=[\"']((?:https?:)?//[^\"']*)", html)
    assert set(foreign) <= {settings.SOURCE_URL}


def test_the_front_page_offers_every_way_and_a_box_for_the_reference(client: Client) -> None:
    response = client.get("/")
    html = response.content.decode()
    assert response.status_code == 200
    assert all(f'href="{path}"' in html for path in WAYS)
    assert re.search(r'<form[^>]* action="/track/" method="get"', html)
    assert 'name="reference"' in html
    assert_nothing_inline_and_nothing_foreign(html)


def test_the_front_page_names_the_agency_and_links_the_source(client: Client) -> None:
    html = client.get("/").content.decode()
    for shown in (settings.AGENCY_NAME, settings.AGENCY_EMAIL, settings.AGENCY_PHONE, f'href="{settings.SOURCE_URL}"'):
        assert shown in html


def test_the_first_link_skips_to_the_main_content(client: Client) -> None:
    html = client.get("/").content.decode()
    first = re.search(r"<a [^>]*>", html)
    assert first is not None
    assert 'href="#main-content"' in first[0]
    assert html.count('id="main-content"') == 1


def test_the_front_page_asks_no_question_of_the_database(client: Client) -> None:
    assert client.get("/").status_code == 200  # without the db fixture any query raises


@pytest.mark.parametrize(("on", "times"), [(True, 1), (False, 0)])
def test_a_demonstration_says_so(client: Client, on: bool, times: int) -> None:
    with override_settings(DEMO=on):
        assert client.get("/").content.decode().count("This is a demonstration") == times


def test_livez_answers_without_a_cache(client: Client) -> None:
    response = client.get("/livez")
    assert response.content == b"ok\n"
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/livez"])
def test_the_pages_of_the_site_cannot_be_posted_to(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("template", ERROR_PAGES)
def test_an_error_page_says_what_to_do_and_whom_to_call(template: str) -> None:
    html = rendered(template)
    assert settings.AGENCY_PHONE in html
    assert html.count("<h1") == 1
    assert_nothing_inline_and_nothing_foreign(html)


def test_an_unknown_address_gets_our_page(client: Client) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "We cannot find that page" in response.content.decode()


def test_a_form_from_elsewhere_is_told_that_nothing_typed_is_lost() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/admin/login/", {"username": "x"})
    assert response.status_code == 403
    assert "What you typed is still in your browser" in response.content.decode()


def test_the_page_for_our_own_mistakes_needs_no_context_processor(rf: RequestFactory) -> None:
    response = views.server_error(rf.get("/"))
    assert response.status_code == 500
    assert settings.AGENCY_NAME in response.content.decode()
    assert views.bad_request(rf.get("/"), ValueError()).status_code == 400


def test_a_crash_is_answered_with_that_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(views, "render", lambda *_: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


def test_the_policy_allows_only_our_own_host(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert not re.search(r"https?:", policy)


@pytest.mark.django_db
def test_readyz_says_what_is_missing(client: Client, settings, tmp_path) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").content) == (200, b"ready\n")
    settings.VAR_DIR = tmp_path / "gone"
    refused = client.get("/readyz")
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert "cannot be written" in refused.content.decode()
