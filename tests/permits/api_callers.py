"""Callers of the permits' API."""

from tests.api_callers import Caller, assert_problem, client, codes, key_holder, pointers, post
from tests.permits.factories import application

__all__ = ["READ", "READ_ALL", "SUBMIT", "Caller", "assert_problem", "caller", "client", "codes", "file", "pointers",
           "post", "url"]  # fmt: skip

READ, READ_ALL, SUBMIT = "permits:read", "permits:read_all", "permits:submit"


def caller(name="Ames", *scopes):
    """Somebody with a key of these scopes; without any: may read and submit."""
    return key_holder(name, *(scopes or (READ, SUBMIT)))


def file(client, address="/api/permit", body=None, **headers):
    return post(client, address, application() if body is None else body, **headers)


def url(permit, below=""):
    return f"/api/v1/permits/{permit.reference}/{below}"
