from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.rules.fees import (
    SCHEDULE,
    FeeLine,
    Invoice,
    RefundPhase,
    Schedule,
    amendment_fee,
    driveway_category,
    fee,
    refund,
    reinspection_fee,
)
from tests.permits.rules_samples import answers, digging, impact


def excavating(*rows, **more):
    return answers(permit_type="excavation", excavation=True, excavations=list(rows), **more)


@pytest.mark.parametrize(
    ("given_answers", "total"),
    [
        (excavating(digging("pavement", 250), digging("shoulder", 80, same_length=True)), 220),
        (excavating(digging("pavement", 250), digging("shoulder", 80)), 240),
        (excavating(digging("shoulder", 80), digging("pavement", 250, same_length=True)), 220),
        (excavating(digging("pavement", 100)), 140),
        (excavating(digging("pavement", 100.01)), 180),
        (excavating(digging("unpaved", 1_000)), 200),
        (excavating(digging("pavement", 6, 5.99)), 130),
        (excavating(digging("pavement", 6, 6)), 140),
        (excavating(digging("shoulder", 2)), 115),
        (excavating(digging("unpaved", 2)), 110),
        (excavating(digging("pavement", 250, same_length=True)), 220),
        (excavating(digging("pavement", 250)) | {"excavation": False}, 100),
        (answers(facility_method="aerial", aerial_poles=10), 120),
        (answers(facility_method="aerial", aerial_poles=11), 122),
        (answers(facility_method="aerial", aerial_poles=0), 100),
        (answers(facility_method="bore", aerial_poles=11), 100),
        (answers(permit_type="driveway", applicant_kind="person", daily_trips=10), 100),
        (answers(permit_type="driveway", applicant_kind="company", daily_trips=10), 150),
        (answers(permit_type="lane_closure", applicant_kind="person"), 100),
        (answers(permit_type="lane_closure", daily_trips=5_000), 100),
        (excavating(digging("pavement", 250), is_emergency=True), 100),
        (excavating(digging("pavement", 250), applicant_kind="agency"), 0),
        (excavating(digging("pavement", 250), billing="exempt"), 220),
        ({}, 100),
    ],
)
def test_an_application_costs_what_the_schedule_says(given_answers, total):
    assert fee(given_answers).total == total


@pytest.mark.parametrize("index", range(len(SCHEDULE.driveway)))
def test_a_driveway_category_ends_with_its_last_trip(index):
    up_to, price = SCHEDULE.driveway[index]
    letter = "ABCDEFG"[index]
    assert driveway_category(up_to or 1_000_000) == (letter, price)
    if up_to is not None:
        assert driveway_category(up_to + 1) == ("ABCDEFG"[index + 1], SCHEDULE.driveway[index + 1][1])


def test_a_schedule_without_an_open_driveway_category_is_refused():
    with pytest.raises(ValueError, match="no upper limit"):
        driveway_category(21, Schedule(driveway=((20, Decimal(50)),)))


def test_lane_occupancy_is_charged_only_when_the_schedule_has_a_price():
    taken = answers(impacts=[impact("northbound", "some-lanes-closed", "open", "closed")], functional_class=3)
    priced = Schedule(lane_day=MappingProxyType({3: Decimal(40)}))
    assert fee(taken).total == 100
    assert fee(taken, priced).total == 100 + 1 * 5 * 40
    assert fee(taken | {"functional_class": 7}, priced).total == 100


@pytest.mark.parametrize(("months", "total"), [(1, 10), (6, 10), (7, 20), (12, 20), (None, 50)])
def test_an_amendment_costs_by_six_months_or_flat(months, total):
    assert amendment_fee(extension_months=months).total == total


def test_an_extension_of_no_months_is_refused():
    with pytest.raises(ValueError, match="one month"):
        amendment_fee(extension_months=0)


def test_a_reinspection_costs_75_dollars():
    assert reinspection_fee().total == 75


@pytest.mark.parametrize(
    ("phase", "total"),
    [(RefundPhase.BEFORE_REVIEW, 195), (RefundPhase.NOT_STARTED, 120), (RefundPhase.STARTED, 0)],
)
def test_a_refund_shrinks_with_the_phase(phase, total):
    assert refund(fee(excavating(digging("pavement", 250))), state_phase=phase).total == total


def test_nobody_pays_to_get_a_refund():
    small = Invoice.of(amendment_fee(extension_months=1).lines)
    assert refund(small, state_phase=RefundPhase.BEFORE_REVIEW).total == 0


def test_a_frozen_invoice_comes_back_equal():
    invoice = fee(excavating(digging("pavement", 250.5), digging("unpaved", 2)))
    assert Invoice.from_json(invoice.to_json()) == invoice


sizes = st.decimals("0.1", 100_000, places=2)
rows = st.builds(
    lambda surface, length, width, same: digging(surface, length, width, same_length=same),
    st.sampled_from(sorted(SCHEDULE.small_opening)),
    sizes,
    sizes,
    st.booleans(),
)
applications = st.fixed_dictionaries(
    {
        "permit_type": st.sampled_from(["utility", "driveway", "lane_closure", "excavation", "special_event", "other"]),
        "applicant_kind": st.sampled_from(["person", "company", "utility", "agency"]),
        "is_emergency": st.booleans(),
        "excavation": st.booleans(),
        "excavations": st.lists(rows, max_size=5),
        "facility_method": st.sampled_from(["open_cut", "bore", "aerial"]),
        "aerial_poles": st.none() | st.integers(0, 500),
        "daily_trips": st.none() | st.integers(0, 60_000),
    }
)


@settings(deadline=None)  # the machine may be busy
@given(applications)
def test_the_total_is_the_sum_of_the_lines_and_never_negative(application):
    invoice = fee(application)
    assert invoice.total == sum(line.amount for line in invoice.lines) >= 0
    assert all(line.amount == line.quantity * line.unit_price >= 0 for line in invoice.lines)


@settings(deadline=None)  # the machine may be busy
@given(applications, st.sampled_from(RefundPhase))
def test_a_refund_is_never_negative_and_never_more_than_was_paid(application, phase):
    invoice = fee(application)
    back = refund(invoice, state_phase=phase)
    assert 0 <= back.total <= invoice.total
    assert back.total == sum(line.amount for line in back.lines)


def test_a_line_shows_how_its_amount_came_about():
    line = fee(excavating(digging("pavement", 250))).lines[1]
    assert line == FeeLine(
        code="excavation",
        text="Excavation in pavement, 250 ft, per 100 ft or part",
        quantity=Decimal(3),
        unit_price=Decimal(40),
        amount=Decimal(120),
    )
