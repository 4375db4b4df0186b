"""Address x caller: every address below /api/, read from the resolver, has its row; a new one without a row fails.

Those of incidents have theirs in tests/incidents/test_api_access.py.
"""

from uuid import UUID

import pytest

from tests.api_callers import CALLERS, addresses, everybody
from tests.permits.factories import filed

pytestmark = pytest.mark.django_db
ADDRESSES = addresses(of_incidents=False)
PUBLIC = (200, 200, 200, 200, 200, 200, 401)
# What a GET answers to each of CALLERS. 404 for what is another's, the same as for what does not exist.
OF_ONE = (401, 200, 404, 200, 403, 404, 401)
TABLE = {
    "api": PUBLIC,
    "api-openapi": (200,) * 7,  # plain pages: they look at no key
    "api-docs": (200,) * 7,
    "api-problem": PUBLIC,
    "api-workflows": PUBLIC,
    "api-workflow": PUBLIC,
    "api-workflow-svg": PUBLIC,
    "api-workflow-bpmn": PUBLIC,
    "api-events": (401, 200, 200, 200, 403, 200, 401),
    # Nobody here has the scope webhooks:manage: tests/workflow/test_webhooks.py has a key with it.
    "api-webhooks": (401, 403, 403, 403, 403, 403, 401),
    "api-webhook": (401, 403, 403, 403, 403, 403, 401),
    "api-webhook-deliveries": (401, 403, 403, 403, 403, 403, 401),
    "api-webhook-delivery": (401, 403, 403, 403, 403, 403, 401),
    "api-short-permit": (405, 405, 405, 405, 405, 405, 401),
    "api-permits": (401, 200, 200, 200, 403, 200, 401),
    "api-permit": OF_ONE,
    "api-permit-transitions": OF_ONE,
    "api-permit-timeline": OF_ONE,
    "api-permit-documents": OF_ONE,
    "api-permit-document": (401, 404, 404, 404, 403, 404, 401),
    "api-permit-pdf": (401, 404, 404, 404, 403, 404, 401),  # not issued yet
    "api-unknown": (404,) * 7,
}
# What an empty POST answers: 400 and 428 are those who may, with nothing to say.
POSTS = {
    "api-short-permit": (400, 400, 400, 403, 400, 403, 401),
    "api-permits": (401, 400, 400, 403, 400, 403, 401),
    "api-events": (401, 405, 405, 405, 403, 405, 401),
    **dict.fromkeys(
        ("api-webhooks", "api-webhook", "api-webhook-deliveries", "api-webhook-delivery"),
        (401, 403, 403, 403, 403, 403, 401),
    ),
    "api-permit-transitions": (401, 428, 404, 403, 404, 403, 401),
    "api-permit-documents": (401, 400, 404, 403, 404, 403, 401),
    "api-unknown": (404,) * 7,
    "api-openapi": (405,) * 7,
    "api-docs": (405,) * 7,
}
FORBIDDEN = (405, 405, 405, 405, 405, 405, 401)
KEYED = (401, 405, 405, 405, 405, 405, 401)


@pytest.fixture
def callers():
    found, filer = everybody("permits")
    return found, filed(actor=filer.actor, checked=False)


def address_of(route, permit):
    filled = {"<str:reference>": permit.reference, "<str:document>": "0" * 32, "<str:name>": "roadPermit",
              "<slug:code>": "refused", "<uuid:endpoint>": str(UUID(int=7)), "<str:message>": "msg_1"}  # fmt: skip
    for name, value in filled.items():
        route = route.replace(name, value)
    return f"/{route or 'api/nothing'}" if route != "api/" else "/api/"


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_every_caller_gets_what_the_table_says(name, callers):
    clients, permit = callers
    address = "/api/nothing" if name == "api-unknown" else address_of(ADDRESSES[name], permit)
    assert tuple(clients[who].get(address).status_code for who in CALLERS) == TABLE[name]


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_an_empty_post_gets_no_further_than_the_table_says(name, callers):
    clients, permit = callers
    address = "/api/nothing" if name == "api-unknown" else address_of(ADDRESSES[name], permit)
    keyed = name in ("api-permit", "api-permit-timeline", "api-permit-document", "api-permit-pdf")
    expected = POSTS.get(name, KEYED if keyed else FORBIDDEN)
    sent = {"data": {}} if name == "api-permit-documents" else {"data": "{}", "content_type": "application/json"}
    assert tuple(clients[who].post(address, **sent).status_code for who in CALLERS) == expected


def test_the_table_has_no_row_too_many():
    assert set(TABLE) == set(ADDRESSES)
