"""Address x caller: every address of incidents below /api/, read from the resolver, has its row."""

import pytest

from tests.api_callers import CALLERS, addresses, everybody
from tests.incidents.factories import filed

pytestmark = pytest.mark.django_db
ADDRESSES = addresses(of_incidents=True)

# What a GET answers to each of CALLERS. 404 for what is another's, the same as for what does not exist.
OF_ONE = (401, 200, 404, 200, 403, 404, 401)
TABLE = {
    "api-short-incident": (405, 405, 405, 405, 405, 405, 401),
    "api-categories": (200, 200, 200, 200, 200, 200, 401),
    "api-incidents": (401, 200, 200, 200, 403, 200, 401),
    "api-incident": OF_ONE,
    "api-incident-transitions": OF_ONE,
    "api-incident-timeline": OF_ONE,
    "api-incident-photos": OF_ONE,
}
# What an empty POST answers: 400 and 428 are those who may, with nothing to say.
KEYED = (401, 405, 405, 405, 405, 405, 401)
POSTS = {
    "api-short-incident": (400, 400, 400, 403, 400, 403, 401),
    "api-categories": (405, 405, 405, 405, 405, 405, 401),
    "api-incidents": (401, 400, 400, 403, 400, 403, 401),
    "api-incident": KEYED,
    "api-incident-transitions": (401, 428, 404, 403, 404, 403, 401),
    "api-incident-timeline": KEYED,
    "api-incident-photos": (401, 400, 404, 403, 404, 403, 401),
}


@pytest.fixture
def callers():
    found, filer = everybody("incidents")
    return found, filed(actor=filer.actor)


def address_of(name, incident):
    return "/" + ADDRESSES[name].replace("<str:reference>", incident.reference)


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_every_caller_gets_what_the_table_says(name, callers):
    clients, incident = callers
    assert tuple(clients[who].get(address_of(name, incident)).status_code for who in CALLERS) == TABLE[name]


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_an_empty_post_gets_no_further_than_the_table_says(name, callers):
    clients, incident = callers
    is_upload = name == "api-incident-photos"
    sent = {"data": {}} if is_upload else {"data": "{}", "content_type": "application/json"}
    found = tuple(clients[who].post(address_of(name, incident), **sent).status_code for who in CALLERS)
    assert found == POSTS[name]


def test_the_tables_have_no_row_too_many():
    assert TABLE.keys() == POSTS.keys() == ADDRESSES.keys()


def test_a_key_for_permits_opens_no_report(callers):
    _, incident = callers
    permits, _ = everybody("permits")
    for name in ("api-incidents", "api-incident", "api-incident-photos"):
        assert permits["all"].get(address_of(name, incident)).status_code == 403
