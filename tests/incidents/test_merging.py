"""Joining reports keeps everybody; taking them apart restores exactly; no hand can make a chain or a ring."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from incidents import duplicates, invariants, merging
from incidents.models import Incident, Merge, Photo, Subscriber
from tests.at_once import at_once
from tests.incidents import factories as make
from tests.workflow.test_invariants import sql
from workflow.actors import Actor
from workflow.errors import NotAllowed, Refused, Stale, WorkflowError
from workflow.models import Event

pytestmark = pytest.mark.django_db
S = Incident.State


def desk(incident: Incident) -> Actor:
    return make.officer(team=incident.team)


def seen_by(*people: str, photos: int = 0, **changes: Any) -> Incident:
    """A report that others saw, too: each an address, or empty for no address."""
    case = make.filed(**changes)
    for number, email in enumerate(people):
        tokens = [make.photo().token] if number < photos else []
        duplicates.me_too(case, actor=make.REPORTER, email=email, photos=tokens)
    make.photo(incident=case)
    return make.fresh(case)


def join(duplicate: Incident, survivor: Incident) -> Incident:
    merging.merge(make.fresh(duplicate), make.fresh(survivor), actor=desk(duplicate))
    return make.fresh(duplicate)


def take_apart(duplicate: Incident) -> Incident:
    merging.unmerge(make.fresh(duplicate), actor=desk(duplicate))
    return make.fresh(duplicate)


def picture(*cases: Incident) -> list[Any]:
    """Everything that a join may move, of each of these reports."""
    columns = ["pk", "state", "status", "votes", "duplicate_of", "reason_code", "public_sentence", "ended_at"]
    keys = [case.pk for case in cases]
    return [
        list(Incident.objects.filter(pk__in=keys).order_by("pk").values(*columns)),
        list(Subscriber.objects.order_by("pk").values("pk", "incident", "from_incident", "email", "nonce")),
        list(Photo.objects.order_by("pk").values("pk", "incident", "from_incident", "token")),
    ]


def refusal(*cases: Incident) -> list[str]:
    with pytest.raises(Refused) as refused:
        join(*cases)
    return [reason.code for reason in refused.value.reasons]


# -- together ---------------------------------------------------------------------------------------------------------


def test_a_join_moves_subscribers_votes_and_photos_and_loses_nobody() -> None:
    survivor = seen_by("ann@example.net", "")
    duplicate = seen_by("bob@example.net", "cy@example.net", "", photos=1)
    joined, survivor = join(duplicate, survivor), make.fresh(survivor)
    assert (joined.state, joined.status, joined.duplicate_of_id) == (S.DUPLICATE, "closed", survivor.pk)
    emails = set(survivor.subscribers.values_list("email", flat=True))
    assert emails == {"ann@example.net", "bob@example.net", "cy@example.net"}
    assert survivor.votes == 2 + 3 + 1  # its own, theirs, and the other reporter
    assert survivor.photos.count() == 3
    assert {photo.from_incident_id for photo in survivor.photos.all()} == {None, duplicate.pk}
    assert (joined.subscribers.count(), joined.photos.count()) == (0, 0)
    assert joined.contacts.get().email == make.EMAIL  # who reported it stays its reporter


def test_both_histories_tell_of_the_join() -> None:
    survivor, duplicate = make.filed(), make.filed()
    join(duplicate, survivor)
    assert Event.objects.filter(case_id=duplicate.pk).latest("seq").transition == "merge"
    line = Event.objects.filter(case_id=survivor.pk).latest("seq")
    assert (line.kind, line.data["with"]) == ("merged", duplicate.reference)


def test_what_was_joined_with_a_report_goes_on_with_it() -> None:
    first, second, third = make.filed(), make.filed(), make.filed()
    join(first, second)
    join(second, third)
    assert make.fresh(first).duplicate_of_id == make.fresh(second).duplicate_of_id == third.pk
    assert make.fresh(third).votes == 2
    assert not [str(finding) for check in invariants.CHECKS for finding in check() if finding.code != "photo_file"]


def test_a_report_that_ended_or_is_joined_takes_nobody_in() -> None:
    ended, case = make.in_state("rejected"), make.filed()
    assert refusal(case, ended) == ["report_ended"]
    joined = make.in_state("duplicate")
    assert refusal(case, joined) == ["already_joined"]
    with pytest.raises(Refused) as refused:
        make.fire(case, "merge", into="IR-26-NOBODY")
    assert [reason.code for reason in refused.value.reasons] == ["unknown_report"]
    assert make.fresh(case).state == S.TRIAGED


def test_a_report_with_ordered_work_is_not_joined_away() -> None:
    assert refusal(make.in_state("scheduled"), make.filed()) == ["nothing_ordered"]


def test_an_officer_of_another_team_joins_nothing() -> None:
    survivor, duplicate = make.filed(), make.filed()
    with pytest.raises(NotAllowed):
        merging.merge(duplicate, survivor, actor=make.officer("eve", permissions=()))


# -- apart again ------------------------------------------------------------------------------------------------------


def test_taking_apart_restores_exactly() -> None:
    survivor = seen_by("ann@example.net", "")
    duplicate = seen_by("bob@example.net", "cy@example.net", photos=2)
    before = picture(survivor, duplicate)
    join(duplicate, survivor)
    assert picture(survivor, duplicate) != before
    assert take_apart(duplicate).state == S.TRIAGED
    assert picture(survivor, duplicate) == before


def test_a_chain_is_taken_apart_link_by_link_and_restored_exactly() -> None:
    cases = [seen_by(f"{name}@example.net", "", photos=1) for name in ("ann", "bob", "cy", "di")]
    first, second, third, fourth = cases
    pictures = [picture(*cases)]
    steps = [(first, second), (second, third), (fourth, third)]
    for duplicate, survivor in steps:
        join(duplicate, survivor)
        pictures.append(picture(*cases))
    assert make.fresh(third).votes == 4 * 2 + 3
    for (duplicate, _), then in zip(reversed(steps), reversed(pictures[:-1]), strict=True):
        take_apart(duplicate)
        assert _without_moments(picture(*cases)) == _without_moments(then)
    assert picture(*cases) == pictures[0]
    assert not Merge.objects.filter(undone_at=None).exists()


def _without_moments(stored: list[Any]) -> list[Any]:
    return [[{**row, "ended_at": None} for row in stored[0]], *stored[1:]]


def test_an_inner_link_is_not_taken_out_of_a_chain() -> None:
    first, second, third = make.filed(), make.filed(), make.filed()
    join(first, second)
    join(second, third)
    with pytest.raises(Refused) as refused:
        take_apart(first)
    assert [reason.code for reason in refused.value.reasons] == ["joined_since"]
    assert make.fresh(first).duplicate_of_id == third.pk


def test_who_came_after_the_join_stays_with_the_survivor() -> None:
    survivor, duplicate = make.filed(), seen_by("bob@example.net")
    join(duplicate, survivor)
    duplicates.me_too(make.fresh(survivor), actor=make.REPORTER, email="di@example.net")
    take_apart(duplicate)
    assert list(make.fresh(survivor).subscribers.values_list("email", flat=True)) == ["di@example.net"]
    assert make.fresh(survivor).votes == 1
    assert list(make.fresh(duplicate).subscribers.values_list("email", flat=True)) == ["bob@example.net"]


def test_reports_are_taken_apart_within_seven_days_only() -> None:
    survivor, duplicate = make.filed(), make.filed()
    join(duplicate, survivor)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)), pytest.raises(Refused) as refused:
        take_apart(duplicate)
    assert [reason.code for reason in refused.value.reasons] == ["within_unmerge"]
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert take_apart(duplicate).duplicate_of_id is None


def test_a_report_that_was_taken_apart_can_be_joined_again() -> None:
    survivor, duplicate, other = make.filed(), make.filed(), make.filed()
    join(duplicate, survivor)
    take_apart(duplicate)
    assert join(duplicate, other).duplicate_of_id == other.pk
    assert duplicate.merged_by.count() == 2


# -- no hand makes a ring ---------------------------------------------------------------------------------------------


def test_a_report_is_not_joined_with_itself() -> None:
    case = make.filed()
    assert refusal(case, case) == ["same_report"]
    assert not Merge.objects.exists()


UPDATE = "UPDATE incidents_incident SET duplicate_of_id = %s WHERE case_ptr_id = %s"


def by_orm(case: Incident, into: Incident) -> None:
    Incident.objects.filter(pk=case.pk).update(duplicate_of=into)


def by_save(case: Incident, into: Incident) -> None:
    case.duplicate_of = into
    case.save()


def by_sql(case: Incident, into: Incident) -> None:
    sql(UPDATE, into.pk, case.pk)


HANDS = [by_orm, by_save, by_sql]


def stopped(hand: Any, case: Incident, into: Incident) -> None:
    before = Incident.objects.filter(pk=case.pk).values("duplicate_of").get()
    with pytest.raises(DatabaseError), transaction.atomic():
        hand(case, into)
    assert Incident.objects.filter(pk=case.pk).values("duplicate_of").get() == before


@pytest.mark.parametrize("hand", HANDS)
def test_the_database_refuses_rings_and_chains_from_any_hand(hand: Any) -> None:
    joined, other = make.in_state("duplicate"), make.filed()
    survivor = joined.duplicate_of
    stopped(hand, survivor, survivor)  # itself
    stopped(hand, survivor, joined)  # a ring of two
    stopped(hand, survivor, other)  # a chain: others point at it
    stopped(hand, other, joined)  # a chain: it points at another
    hand(other, survivor)  # one level is fine
    hand(make.fresh(joined), survivor)


def test_the_database_refuses_a_new_row_in_a_chain() -> None:
    joined, copy = make.in_state("duplicate"), make.filed()
    columns = [field.column for field in Incident._meta.local_concrete_fields]
    chosen = ", ".join({"duplicate_of_id": str(joined.pk)}.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    with shadowed(copy), transaction.atomic():
        sql("DELETE FROM incidents_incident WHERE case_ptr_id = %s", copy.pk)
        with pytest.raises(DatabaseError, match="stands on its own"), transaction.atomic():
            sql(f"INSERT INTO incidents_incident ({names}) SELECT {chosen} FROM held")
        transaction.set_rollback(True)


@contextmanager
def shadowed(copy: Incident) -> Iterator[None]:
    """A copy of its row in the table "held"."""
    sql("CREATE TEMPORARY TABLE held AS SELECT * FROM incidents_incident WHERE case_ptr_id = %s", copy.pk)
    yield
    sql("DROP TABLE held")


def test_a_record_of_a_join_with_itself_or_of_two_joins_is_refused() -> None:
    case, other = make.filed(), make.filed()
    with pytest.raises(DatabaseError), transaction.atomic():
        Merge.objects.create(duplicate=case, survivor=case)
    Merge.objects.create(duplicate=case, survivor=other)
    with pytest.raises(DatabaseError), transaction.atomic():
        Merge.objects.create(duplicate=case, survivor=make.filed())


# -- two officers at once ---------------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(10))
def test_two_officers_who_join_crosswise_get_one_join_and_no_deadlock(attempt: int) -> None:
    one, other = make.filed(), make.filed()
    olga, rita = make.officer("olga", team=one.team), make.officer("rita", team=one.team)
    outcomes = at_once(
        lambda: merging.merge(one, other, actor=olga, revision=one.revision),
        lambda: merging.merge(other, one, actor=rita, revision=other.revision),
    )
    (loser,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(loser, (Refused, Stale)), repr(loser)
    assert isinstance(loser, WorkflowError)
    states = sorted(str(make.fresh(case).state) for case in (one, other))
    assert states == ["duplicate", "triaged"]
    assert Merge.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_consoles_that_join_crosswise_make_no_ring() -> None:
    one, other = make.filed(), make.filed()
    outcomes = at_once(lambda: by_sql(one, other), lambda: by_sql(other, one))
    assert [isinstance(outcome, DatabaseError) for outcome in outcomes].count(True) == 1
    assert [case.duplicate_of_id for case in (make.fresh(one), make.fresh(other))].count(None) == 1
