"""API keys: issued once, recognised, expired, revoked."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from permits.models import RoadPermit
from tests.parcels.models import Parcel
from workflow.actors import Actor
from workflow.api.authentication import FORM
from workflow.models import ApiKey
from workflow.registry import Registry, registry

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/permits/"


def ask(authorization, address=ADDRESS):
    return Client().get(address, headers={"Authorization": authorization})


def issue(**values):
    key, text = ApiKey.issue("Ames", ["permits:read"])
    ApiKey.objects.filter(pk=key.pk).update(**values)
    return key, text


def test_a_living_key_opens_the_door():
    _, text = issue()
    assert ask(f"Api-Key {text}").status_code == 200
    assert ask(f"api-key  {text} ").status_code == 200


def _other_secret(text):
    return text[:-4] + ("aaaa" if not text.endswith("aaaa") else "bbbb")


@pytest.mark.parametrize(
    "header",
    [
        lambda text: f"Api-Key {_other_secret(text)}",
        lambda text: "Api-Key mp_live_00000000_" + "a" * 32,
        lambda text: f"Bearer {text}",
        lambda text: text,
        lambda text: "Api-Key",
        lambda text: f"Api-Key {text} {text}",
        lambda text: "Api-Key mp_live_ä_ß",
        lambda text: "Basic cml0YTpyaXRh",
    ],
)
def test_anything_but_a_living_key_is_a_401(header):
    _, text = issue()
    answer = ask(header(text))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Api-Key")
    assert answer.json()["code"] == "invalid_key"


def test_no_key_at_all_is_a_401_of_its_own():
    assert Client().get(ADDRESS).json()["code"] == "not_authenticated"


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"revoked_at": timezone.now()}, "revoked"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired"),
    ],
)
def test_a_key_that_is_over_is_told_so(values, word):
    _, text = issue(**values)
    answer = ask(f"Api-Key {text}")
    assert answer.status_code == 401
    assert word in answer.json()["detail"]


@pytest.mark.parametrize("address", ["/api/", "/api/v1/workflows/", "/api/permit"])
def test_a_wrong_key_is_noticed_where_none_is_needed(address):
    client = Client(headers={"Authorization": "Api-Key mp_live_00000000_" + "a" * 32})
    answer = client.post(address) if address == "/api/permit" else client.get(address)
    assert answer.status_code == 401


def test_the_last_use_is_noted_at_most_once_a_minute(django_assert_num_queries):
    key, text = issue()
    ask(f"Api-Key {text}")
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    assert first is not None
    ask(f"Api-Key {text}")
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=first - timedelta(minutes=2))
    ask(f"Api-Key {text}")
    assert ApiKey.objects.get(pk=key.pk).last_used_at > first


def issued(*arguments):
    out = StringIO()
    call_command("issue_api_key", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_the_key_alone_on_its_last_line():
    lines = issued("Ames", "--scope", "permits:read", "--scope", "permits:submit")
    assert FORM.fullmatch(lines[-1])
    assert ask(f"Api-Key {lines[-1]}").status_code == 200
    assert ApiKey.objects.get().scopes == ["permits:read", "permits:submit"]


def test_every_key_the_command_makes_has_the_form_the_door_reads():
    assert all(FORM.fullmatch(ApiKey.issue(str(number), [])[1]) for number in range(200))


def test_the_key_can_expire():
    day = (timezone.now() + timedelta(days=30)).date()
    issued("Ames", "--scope", "permits:read", "--expires", day.isoformat())
    assert ApiKey.objects.get().expires_at.date() == day


@pytest.mark.parametrize(
    "arguments",
    [
        ["Ames", "--scope", "permits:rule"],
        ["Ames"],
        [" ", "--scope", "permits:read"],
        ["x" * 81, "--scope", "permits:read"],
        ["Ames", "--scope", "permits:read", "--expires", "soon"],
        ["Ames", "--scope", "permits:read", "--expires", "2020-01-01"],
    ],
)
def test_the_command_refuses_what_would_make_no_sense(arguments):
    with pytest.raises(CommandError):
        issued(*arguments)
    assert not ApiKey.objects.exists()


def test_an_unknown_scope_is_answered_with_those_there_are():
    with pytest.raises(CommandError) as refused:
        issued("Ames", "--scope", "permits:rule")
    assert "permits:rule" in str(refused.value)
    assert all(scope in str(refused.value) for scope in registry.scopes)


def test_a_scope_means_one_thing():
    own = Registry()
    own.register_scopes({"parcels:send": "send parcels"})
    own.register_scopes({"parcels:send": "send parcels", "parcels:read": "read parcels"})
    assert own.scopes == {"parcels:send": "send parcels", "parcels:read": "read parcels"}
    with pytest.raises(ImproperlyConfigured, match="another meaning"):
        own.register_scopes({"parcels:send": "throw parcels"})


def test_every_kind_of_case_that_keys_may_read_has_its_scopes():
    known = {workflow.model.scope for workflow in registry if workflow.model.scope}
    assert known == {"permits", "incidents"}
    for scope in known:
        assert {f"{scope}:read", f"{scope}:read_all", f"{scope}:submit"} <= registry.scopes.keys()


def test_a_key_that_reads_all_of_one_kind_reads_nothing_of_another():
    actor = Actor(kind="integrator", name="x", key_id=1, scopes=frozenset({"incidents:read_all"}))
    assert "filed_with_id" in str(RoadPermit.objects.visible_to(actor).query)
    assert "filed_with_id" in str(Parcel.objects.visible_to(actor).query)
