"""Rules of permits that officers change: what they hold for, and what stays as it was."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from permits import applications
from permits.book import codes, deadlines, fees
from permits.book.codes import worded
from permits.decisions import ApproveForm
from permits.lifecycle import State
from permits.rules.codes import ConditionCode, RefusalCode
from permits.rules.fees import SCHEDULE
from permits.sheet import document_bytes, letter_bytes, sheet_of
from permits.technical import reviews
from tests.permits import factories as make
from tests.permits.test_views_walk import page_url, ready
from tests.rules import put_all
from workflow.contrib.rulebook.book import value
from workflow.contrib.rulebook.models import OwnDay
from workflow.tracker import calendar

pytestmark = pytest.mark.django_db
FEE, C10 = "permits.fees.application", "permits.conditions.C10"


def test_without_changes_the_schedule_is_that_of_the_rules():
    made = fees.schedule()
    assert made.lane_day == dict.fromkeys(range(1, 8), Decimal(0))
    assert {**vars(made), "lane_day": {}} == {**vars(SCHEDULE), "lane_day": {}}


def test_a_new_fee_holds_for_the_next_application_and_not_for_what_was_filed():
    before = make.filed(checked=False)
    put_all({FEE: Decimal(120)})
    after = make.filed(checked=False, **make.at(9))
    assert after.fee_total - before.fee_total == 20
    assert make.fresh(before).fee_total == before.fee_total
    assert after.invoice["lines"][0]["unit_price"] == "120"


def test_a_price_for_lanes_makes_a_line_of_the_invoice():
    free = make.filed(checked=False)
    put_all({"permits.fees.lane_day.3": Decimal(5)})  # the example's road is of class 3
    charged = make.filed(checked=False, **make.at(9))
    assert [line["code"] for line in charged.invoice["lines"]][-1] == "lane_occupancy"
    assert charged.fee_total > free.fee_total


def test_who_saw_another_total_is_told_before_anything_is_filed(client):
    permit = ready(client)
    url = page_url(permit, "review")
    shown = client.get(url).context["outlook"].invoice.total
    put_all({FEE: Decimal(120)})
    page = client.post(url, {"total_shown": str(shown)})
    assert f"The fee is now {applications.money(shown + 20)}" in page.content.decode()
    assert make.fresh(permit).state == State.DRAFT
    assert client.post(url, {"total_shown": str(page.context["outlook"].invoice.total)}).status_code == 302
    assert make.fresh(permit).fee_total == shown + 20


def test_a_new_deadline_holds_for_the_step_that_begins_next():
    waiting = make.filed(checked=False)
    promised = waiting.due_at
    put_all({"permits.deadlines.completeness": 4})
    assert make.fresh(waiting).due_at == promised
    later = make.filed(checked=False, **make.at(9))
    assert calendar().local_day(later.due_at) > calendar().local_day(promised)


def test_a_new_term_holds_for_the_review_and_for_the_notice():
    put_all({"permits.deadlines.decision.standard": 7, "permits.deadlines.notice.standard": 15})
    assert deadlines.term("standard").decision_days == 7
    earlier = applications.first_start("standard")
    put_all({"permits.deadlines.notice.standard": 16})
    assert applications.first_start("standard") > earlier


def test_the_applicant_has_as_long_to_answer_as_the_rule_says():
    put_all({"permits.deadlines.information_answer": 1, "permits.deadlines.information_reminder": 0})
    assert make.info_requested().info_due_at < timezone.now() + timedelta(days=6)


def test_a_holiday_moves_the_next_deadline_and_no_other():
    waiting = make.filed(checked=False)
    OwnDay.objects.create(date=calendar().local_day(waiting.due_at), name="Snow emergency")
    put_all({FEE: Decimal(101)})  # any change tells the processes to look again
    assert make.fresh(waiting).due_at == waiting.due_at
    assert make.filed(checked=False, **make.at(9)).due_at > waiting.due_at


def test_specialists_are_asked_from_the_index_the_rule_says():
    put_all({"permits.limits.technical_review_from": Decimal(10)})
    assert not reviews.tasks_of(make.filed())
    put_all({"permits.limits.technical_review_from": Decimal(0)})
    assert reviews.tasks_of(make.filed(**make.at(9)))


def test_silence_approves_only_the_types_the_rule_or_the_setting_names(settings):
    assert not deadlines.is_deemed("utility")
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    assert deadlines.is_deemed("utility")
    put_all({"permits.silence.utility": deadlines.ESCALATE})
    assert not deadlines.is_deemed("utility")
    assert deadlines.policy_of("never heard of") == deadlines.ESCALATE


def test_a_permit_that_was_decided_shows_the_conditions_as_they_were(client):
    permit = make.in_force()
    old = worded(ConditionCode.C10).text
    before = document_bytes(permit)
    put_all({C10: {"label": "On site", "text": "Show it to everybody who asks."}})
    assert dict(sheet_of(permit, applications.answers_of(permit)).conditions)["C10"] == old
    assert document_bytes(permit) == before
    later = make.in_force(**make.at(9))
    assert dict(sheet_of(later, applications.answers_of(later)).conditions)["C10"] == "Show it to everybody who asks."


def test_a_letter_that_is_made_again_says_what_the_first_said():
    permit = make.in_state(State.REFUSED)
    first = letter_bytes(permit)
    code = permit.reasons[0]
    put_all({f"permits.refusals.{code}": {"label": "Other", "text": "Other words."}})
    assert letter_bytes(permit) == first
    assert worded(RefusalCode(code)).text == "Other words."


def test_officers_choose_among_the_words_of_now(admin_client):
    put_all({C10: {"label": "On site", "text": "Show it to everybody who asks."}})
    choices = dict(ApproveForm.base_fields["conditions"].choices)
    assert "Show it to everybody who asks." in choices["C10"]


def test_a_condition_keeps_its_code_and_has_words():
    assert {rule.key.rpartition(".")[2] for rule in codes.RULES} == {*ConditionCode, *RefusalCode}
    for text in ("", "  "):
        fields = codes.PARTS.fields("C10", "")
        with pytest.raises(Exception, match="required"):
            fields["text"].clean(text)
    assert value(C10)["label"]


def test_start_page_shows_the_fees_of_now(client):
    put_all({FEE: Decimal("123.45")})
    assert "$123.45" in client.get("/permits/apply/").content.decode()
