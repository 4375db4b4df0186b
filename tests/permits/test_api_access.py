"""Address x caller: every address below /api/, read from the resolver, has its row; a new one without a row fails."""

import pytest
from django.urls import URLResolver, get_resolver

from tests.permits.api_callers import READ, READ_ALL, SUBMIT, caller, client
from tests.permits.factories import filed
from workflow.models import ApiKey

pytestmark = pytest.mark.django_db

CALLERS = ("nobody", "filer", "other", "all", "sender", "reader", "revoked")
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
    "api-permit-transitions": (401, 428, 404, 403, 404, 403, 401),
    "api-permit-documents": (401, 400, 404, 403, 404, 403, 401),
    "api-unknown": (404,) * 7,
    "api-openapi": (405,) * 7,
    "api-docs": (405,) * 7,
}
FORBIDDEN = (405, 405, 405, 405, 405, 405, 401)
KEYED = (401, 405, 405, 405, 405, 405, 401)


def addresses():
    """Name -> route of everything below /api/."""

    def walk(resolver, route=""):
        for one in resolver.url_patterns:
            here = route + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, here)
            elif here.startswith("api/"):
                yield one.name, here

    return dict(walk(get_resolver()))


@pytest.fixture
def callers():
    filer = caller("Filer", READ, SUBMIT)
    revoked = caller("Revoked", READ, SUBMIT)
    ApiKey.objects.filter(pk=revoked.key.pk).update(revoked_at="2026-01-01T00:00:00Z")
    found = {
        "nobody": client(),
        "filer": filer.client,
        "other": caller("Other", READ, SUBMIT).client,
        "all": caller("All", READ_ALL).client,
        "sender": caller("Sender", SUBMIT).client,
        "reader": caller("Reader", READ).client,
        "revoked": revoked.client,
    }
    assert tuple(found) == CALLERS
    return found, filed(actor=filer.actor, checked=False)


def address_of(route, permit):
    filled = {"<str:reference>": permit.reference, "<str:document>": "0" * 32, "<str:name>": "roadPermit",
              "<slug:code>": "refused"}  # fmt: skip
    for name, value in filled.items():
        route = route.replace(name, value)
    return f"/{route or 'api/nothing'}" if route != "api/" else "/api/"


@pytest.mark.parametrize("name", sorted(addresses()))
def test_every_caller_gets_what_the_table_says(name, callers):
    clients, permit = callers
    address = "/api/nothing" if name == "api-unknown" else address_of(addresses()[name], permit)
    assert tuple(clients[who].get(address).status_code for who in CALLERS) == TABLE[name]


@pytest.mark.parametrize("name", sorted(addresses()))
def test_an_empty_post_gets_no_further_than_the_table_says(name, callers):
    clients, permit = callers
    address = "/api/nothing" if name == "api-unknown" else address_of(addresses()[name], permit)
    keyed = name in ("api-permit", "api-permit-timeline", "api-permit-document", "api-permit-pdf")
    expected = POSTS.get(name, KEYED if keyed else FORBIDDEN)
    sent = {"data": {}} if name == "api-permit-documents" else {"data": "{}", "content_type": "application/json"}
    assert tuple(clients[who].post(address, **sent).status_code for who in CALLERS) == expected


def test_the_table_has_no_row_too_many():
    assert set(TABLE) == set(addresses())
