"""The same thing sent twice at the same moment."""

import threading

import pytest
from django.db import connection

from incidents.models import Incident, Open311Request, Open311Update
from tests.incidents import factories as make
from tests.incidents.open311.asking import AMES, id_of, post
from tests.incidents.open311.test_bodies import picture, send

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(call, times=4):
    """The answers of ``call``, made by so many threads together."""
    start, answers = threading.Barrier(times), []

    def run():
        try:
            start.wait()
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_one_body_sent_four_times_at_once_is_one_report(key):
    hole = {"service_code": "pothole", "description": "Deep hole"} | AMES
    answers = at_once(lambda: post(key=key, **hole))
    assert len({id_of(answer) for answer in answers}) == 1
    assert Incident.objects.count() == Open311Request.objects.count() == 1


def test_one_body_with_a_picture_sent_four_times_at_once_is_one_report_with_one_picture(key):
    hole = {"service_code": "pothole", "description": "Deep hole", "api_key": key} | AMES
    answers = at_once(lambda: send({**hole, "media": picture()}))
    assert len({id_of(answer) for answer in answers}) == 1
    assert Incident.objects.get().photos.count() == 1


def test_one_update_sent_four_times_at_once_is_one_update(key):
    update = {
        "service_request_id": make.filed().reference, "update_id": "77", "status": "OPEN",
        "updated_datetime": "2026-11-20T10:00:00Z", "description": "It is still there.",
    }  # fmt: skip
    answers = at_once(lambda: post(path="servicerequestupdates", key=key, **update))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert Open311Update.objects.count() == 1
