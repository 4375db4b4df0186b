"""The rules in memory: original or changed value, two processes, rollback, bad values, two officers at once."""

import threading
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from tests.rules import put_all, settled
from workflow.contrib.rulebook import book as the_book
from workflow.contrib.rulebook import rules
from workflow.contrib.rulebook.book import Book, value
from workflow.contrib.rulebook.changing import StaleRules, as_seen, change, newest_change, touch
from workflow.contrib.rulebook.kinds import Choice, Days, Money, Number, Part, Texts
from workflow.contrib.rulebook.models import Edition, Override, RuleChange
from workflow.contrib.rulebook.rules import Group, Rule, every_rule, register

GROUP = Group(slug="tests", title="Tests", intro="", effect="")
FEE, DAYS, SAID = "tests.fee", "tests.days", "tests.said"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules_of_our_own(monkeypatch):
    monkeypatch.setattr(rules, "_rules", dict(every_rule()))
    text = Texts(parts=(Part(name="label", label="Label", most=20), Part(name="text", label="Text", most=90)))
    register(
        [
            Rule(key=FEE, group=GROUP, label="Fee", kind=Money(), default=Decimal(100)),
            Rule(key=DAYS, group=GROUP, label="Days", kind=Days(most=30), default=5),
            Rule(key=SAID, group=GROUP, label="Said", kind=text, default={"label": "A", "text": "One."}, kept=True),
        ]
    )


class Clock:
    """Seconds, moved by hand."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_rule_has_its_original_until_somebody_changes_it_and_again_when_it_is_set_back():
    assert value(FEE) == Decimal(100)
    put_all({FEE: Decimal("120.50")})
    assert value(FEE) == Decimal("120.50")
    put_all({FEE: Decimal(100)})
    assert value(FEE) == Decimal(100)
    assert not Override.objects.filter(key=FEE).exists()
    assert [(line.before, line.after) for line in RuleChange.objects.filter(key=FEE)] == [
        ("120.50", "100.00"),
        ("100.00", "120.50"),
    ]


def test_what_is_not_changed_is_not_written():
    assert put_all({FEE: Decimal(100), DAYS: 6})[0].key == DAYS
    assert RuleChange.objects.count() == 1


def test_between_two_looks_there_is_no_query_and_a_look_is_one(django_assert_num_queries):
    clock = Clock()
    process = Book(clock)
    put_all({FEE: Decimal(120)})
    assert process.now().value(FEE) == Decimal(120)
    with django_assert_num_queries(0):
        for _ in range(100):
            process.now().value(FEE)
    clock.now += 2.1
    with django_assert_num_queries(1):
        process.now().value(FEE)


def test_another_process_sees_a_change_within_two_seconds():
    clock = Clock()
    process = Book(clock)
    assert process.now().value(FEE) == Decimal(100)
    put_all({FEE: Decimal(120)})
    assert process.now().value(FEE) == Decimal(100)  # it has looked just now
    clock.now += 2
    assert process.now().value(FEE) == Decimal(120)


@pytest.mark.django_db(transaction=True)
def test_this_process_sees_its_change_after_the_commit_and_not_before():
    with transaction.atomic():
        change({FEE: Decimal(120)}, by=None, seen=0)
        the_book.book.forget()
        assert value(FEE) == Decimal(100)
    assert value(FEE) == Decimal(120)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_is_never_seen():
    with transaction.atomic():
        change({FEE: Decimal(120)}, by=None, seen=0)
        the_book.book.forget()
        assert value(FEE) == Decimal(100)
        transaction.set_rollback(True)
    the_book.book.forget()
    assert value(FEE) == Decimal(100)
    change({FEE: Decimal(130)}, by=None, seen=0)
    assert value(FEE) == Decimal(130)


def test_an_older_edition_does_not_come_back():
    process = Book(clock := Clock())
    put_all({FEE: Decimal(120)})
    assert process.now().value(FEE) == Decimal(120)
    Edition.objects.update(number=0, token="read in an old transaction")
    clock.now += 3
    assert process.now().value(FEE) == Decimal(120)


@pytest.mark.parametrize("stored", ["-1", "a lot", {"x": 1}, "1e99", "NaN", True])
def test_a_stored_value_that_is_of_no_use_leaves_the_original_and_a_warning(stored, caplog):
    Override.objects.create(key=FEE, value=stored)
    touch()
    settled()
    assert value(FEE) == Decimal(100)
    assert f"The rule {FEE} keeps its original value" in caplog.text


def test_a_row_of_a_rule_that_is_gone_harms_nobody():
    Override.objects.create(key="tests.gone", value=1)
    put_all({FEE: Decimal(120)})
    assert value(FEE) == Decimal(120)
    with pytest.raises(KeyError):
        value("tests.gone")


def test_what_was_decided_keeps_the_words_of_its_day():
    first = put_all({SAID: {"label": "A", "text": "Two."}})[0].at
    second = put_all({SAID: {"label": "A", "text": "Three."}})[0].at
    known = the_book.book.now()
    before_all, between = first.replace(year=first.year - 1), first + (second - first) / 2
    assert known.value_at(SAID, before_all)["text"] == "One."
    assert known.value_at(SAID, between)["text"] == "Two."
    assert known.value_at(SAID, second)["text"] == "Three."
    assert value(SAID)["text"] == "Three."


def test_the_second_of_two_officers_is_told_and_overwrites_nothing():
    ann, seen = User.objects.create(username="ann", first_name="Ann"), newest_change()
    change({FEE: Decimal(120)}, by=ann, seen=seen)
    with pytest.raises(StaleRules) as refused:
        change({FEE: Decimal(110), DAYS: 7}, by=None, seen=seen)
    (conflict,) = refused.value.conflicts
    assert (conflict.rule.key, conflict.theirs, conflict.change.name) == (FEE, Decimal(120), "Ann")
    assert as_seen([FEE, DAYS], newest_change()) == {FEE: "120.00", DAYS: 5}


def test_another_rule_on_the_same_page_is_no_conflict():
    change({FEE: Decimal(120)}, by=None, seen=0)
    change({DAYS: 7}, by=None, seen=0)
    assert as_seen([FEE, DAYS], newest_change()) == {FEE: "120.00", DAYS: 7}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_wins_and_one_is_told():
    outcome, start = [], threading.Barrier(2)

    def save(amount):
        start.wait()
        try:
            change({FEE: amount}, by=None, seen=0)
            outcome.append("saved")
        except StaleRules:
            outcome.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[Decimal(amount)]) for amount in (120, 130)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["saved", "told"]
    assert RuleChange.objects.count() == 1


def test_the_log_only_grows():
    (line,) = put_all({FEE: Decimal(120)})
    for attempt in (
        line.delete,
        line.save,
        RuleChange.objects.all().delete,
        lambda: RuleChange.objects.update(name="x"),
    ):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rulebook_rulechange SET name = 'nobody'")


def test_two_rules_with_one_key_are_refused():
    with pytest.raises(ValueError, match=FEE):
        register([Rule(key=FEE, group=GROUP, label="Another", kind=Money(), default=Decimal(1))])


@pytest.mark.parametrize("rule", every_rule().values(), ids=lambda rule: rule.key)
def test_each_rule_stores_its_original_and_reads_it_back(rule):
    assert rule.kind.parse(rule.kind.store(rule.original)) == rule.original
    assert rule.words(rule.original)
    typed = rule.kind.typed(rule.original)
    fields = rule.kind.fields(rule.label, rule.help_text)
    assert rule.kind.read({part: field.clean(typed[part]) for part, field in fields.items()}) == rule.original
    if rule.check:
        assert not rule.check(rule.original, lambda other: every_rule()[other].original)


def test_words_say_a_value_as_people_do():
    assert Money().words(Decimal("1240")) == "$1,240.00"
    assert Days(unit="working days").words(1) == "1 working day"
    assert Number(unit="sq ft").words(Decimal(36)) == "36 sq ft"
    assert Choice(choices=[("a", "Apples")]).words("a") == "Apples"
