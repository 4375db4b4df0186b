"""Callers of the incidents' API."""

from tests.api_callers import Caller, assert_problem, client, codes, key_holder, pointers, post
from tests.incidents.factories import report

__all__ = ["READ", "READ_ALL", "SUBMIT", "Caller", "assert_problem", "body", "caller", "client", "codes", "file",
           "pointers", "post", "url"]  # fmt: skip

READ, READ_ALL, SUBMIT = "incidents:read", "incidents:read_all", "incidents:submit"
LIST, DOOR = "/api/v1/incidents/", "/api/incident"


def caller(name="Ames", *scopes):
    """Somebody with a key of these scopes; without any: may read and submit."""
    return key_holder(name, *(scopes or (READ, SUBMIT)))


def body(**changes):
    """A report as a client sends it; ``...`` leaves a field out."""
    sent = {name: value for name, value in report().items() if name != "channel"} | changes
    return {name: value for name, value in sent.items() if value is not ...}


def file(client, address=DOOR, sent=None, **headers):
    return post(client, address, body() if sent is None else sent, **headers)


def url(incident, below=""):
    return f"{LIST}{incident.reference}/{below}"
