"""A service asked over real HTTP that goes wrong: tried, retried, parked. For the tests of each caller."""

import socket
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from tests.workflow.stub_callers import noting_keys, serving
from workflow import orchestrator
from workflow.claims import claim
from workflow.contrib.service_stub.drills import Mood
from workflow.definition import Retry
from workflow.models import Work, lease_end
from workflow.registry import registry

ATTEMPTS = 3
# Each mood of a drill, and the reason that an officer reads when the attempts are used up.
REASONS = {
    "slow": "did not",  # did not answer, or did not finish, in time
    "500": "answered 500",
    "429": "answered 429",
    "html": "not JSON",
    "wrong-type": "cannot be used",
    "half": "could not be reached",
    "huge": "more than 1,000,000 bytes",
    "other-case": "cannot be used",
    "refuse": "could not be reached",
}


def make_impatient(monkeypatch, service):
    """The service as it is, but given up after three tries of one second."""
    impatient = replace(service, deadline=timedelta(seconds=1), retry=Retry(attempts=ATTEMPTS, base=timedelta(0)))
    monkeypatch.setitem(registry._services, impatient.name, impatient)


@contextmanager
def asked_at(settings, setting, service, mood):
    """The service in ``mood`` at a free port, told to the settings; answers the Idempotency-Keys it was asked under."""
    with serving(service, Mood(name=mood)) as port, noting_keys() as keys:
        setattr(settings, setting, f"http://127.0.0.1:{port}")
        yield keys


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def try_once(case, step):
    """One claim and its call as a worker does it; False when there is nothing to claim any more."""
    work = Work.objects.filter(case_id=case.pk, step=step, outcome=Work.Outcome.OPEN).latest("pk")
    Work.objects.filter(pk=work.pk).update(run_at=lease_end(timedelta(seconds=-1)))
    mine = claim(work.pk)
    if mine is not None:
        orchestrator.run_one(mine, gate=orchestrator.never)
    return mine is not None


def until_parked(case, step, *, fresh):
    """Try until the attempts are used up; the case as it is then."""
    for number in range(1, ATTEMPTS + 1):
        assert fresh(case).parked_at is None, f"parked before attempt {number}"
        assert try_once(case, step)
    return fresh(case)
