"""Sixty permits at every stage, each walked there through the engine's own door, when it would have happened."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from permits import applications, files, guards, second_approval
from permits.application.validate import from_json
from permits.demo.applications import believable
from permits.demo.inspections import answered, looks_at, plans, site_photo
from permits.demo.papers import paper
from permits.models import RoadPermit
from permits.opening import open_draft
from permits.rules.documents import Before, DocumentKind
from permits.technical import reviews
from permits.technical.specialties import Recommendation, Specialty
from workflow import engine, orchestrator
from workflow.actors import Actor, applicant, officer
from workflow.contrib.demo import past
from workflow.contrib.demo.past import SEED, at, office_hour
from workflow.models import Work
from workflow.registry import registry

KINDS = ("utility", "lane_closure", "excavation", "driveway", "other", "utility", "special_event", "lane_closure")
SPECIALISTS = {"traffic": "noa", "structures": "bo", "utilities": "uma", "environment": "eli"}
ADVICE = "The closed lane is short and well signed; tell the signal shop before the cones go out."
OVERRIDE = "Talked through with the applicant on site; the revised layout is on file."


class Walk(past.Walk):
    """One permit on its way through the past."""

    @property
    def permit(self) -> Any:
        return self.case

    @permit.setter
    def permit(self, permit: Any) -> None:
        self.case = permit

    @property
    def desk(self) -> Actor:
        by_team = {"permits-west": "sam", "permits-central": "olga", "permits-east": "mei", "events": "olga"}
        team = self.case.team.code if self.case.team else ""
        return officer(self.officers[by_team.get(team, "admin")])

    def settle(self) -> Walk:
        """Fee, documents and conflicts in order, as an officer would record them."""

        def record(permit: Any) -> dict[str, str]:
            permit.fee_settled_at = permit.fee_settled_at or timezone.now()
            permit.documents_waived_because = "Plans and certificate seen at the counter"
            permit.conflicts.filter(settled_because="").update(settled_because="The crews agreed on their days")
            return {"how": "check"}

        return self.change("payment", record, public=True)

    def advise(self, *, at_most: int = len(Specialty)) -> Walk:
        """The specialists who were asked say what they think, one after the other."""
        for task in [task for task in reviews.tasks_of(self.permit) if task.is_open][:at_most]:
            with at(self.moment):
                self.permit = reviews.recommend(
                    self.permit,
                    task=task.pk,
                    recommendation=Recommendation.WITH_CONDITIONS if task.specialty == "traffic" else "approve",
                    comment=ADVICE if task.specialty == "traffic" else "",
                    conditions=["C06"] if task.specialty == "traffic" else [],
                    actor=officer(self.officers[SPECIALISTS[task.specialty]]),
                )
        return self

    def approve(self) -> Walk:
        self.settle().advise()
        values: dict[str, Any] = {"message": "Please keep the driveways reachable.", "override_reason": ""}
        if self.permit.safety.get("verdict") == "fail":
            values["override_reason"] = OVERRIDE
        with at(self.moment):
            if second_approval.awaits_first(self.permit):
                first = self.acts("dora")
                self.permit = second_approval.approve(self.permit, first, self.permit.revision, values)
        return self.do("approve", **values)

    def in_force(self) -> Walk:
        return self.later(2).take().approve().later(0.01).work()

    @property
    def own(self) -> Actor:
        return applicant(self.permit, self.permit.holder)


# -- what happened to each -------------------------------------------------------------------------------------------
def _ask(walk: Walk) -> Walk:
    item = {
        "field": "work_summary",
        "text": "On which side of the road do the handholes stand, and how far from the edge?",
    }
    return walk.later(1).take().do("request_information", items=[item])


def _answered(walk: Walk) -> Walk:
    return _ask(walk).later(3).do("provide_information", walk.own, answers={"0": "East side, 12 feet off."}).work()


def _refused(walk: Walk) -> Walk:
    text = "Another contractor has this stretch until September. Please choose dates after that, or a detour."
    return walk.later(3).take().do("refuse", reasons=["R30"], explanation=text).work()


def _unpaid_after_approval(walk: Walk) -> Walk:
    def bounced(permit: Any) -> dict[str, str]:
        permit.fee_settled_at = None
        return {"how": "The bank returned the check"}

    walk.later(2).take().approve()
    return walk.change("payment", bounced).work()


def _issued_but_unreachable(walk: Walk) -> Walk:
    walk.later(2).take().approve()
    with at(walk.moment):
        claim = orchestrator.claim(walk.due().filter(kind=Work.Kind.STEP).first().pk)
        if claim is not None:
            orchestrator.complete(claim, orchestrator.perform(claim), gate=orchestrator.never)
    walk.permit.refresh_from_db()
    return walk.fails("The mail server refused the applicant's address: call them, correct it, and retry.")


def _active(walk: Walk) -> Walk:
    walk.in_force()
    walk.moment = max(walk.moment, walk.permit.start_at + timedelta(hours=1))
    return walk.do("start_work", walk.own)


def _inspected(walk: Walk) -> Walk:
    """Looked at on the first day, and planned again for today."""
    with at(_active(walk).later(0.2).moment):
        looks_at(walk.permit, walk.acts("ivan"), result="pass", checklist=answered(walk.permit, "routine"))
    plans(walk.permit, walk.acts("ivan"), kind="hold_point" if walk.permit.answer("excavation") else "routine")
    walk.permit.refresh_from_db()
    return walk


def _failed(walk: Walk) -> Walk:
    """The final inspection found something; the other one waits, and its fee is open."""
    with at(_completed(walk).later(1).moment):
        defects = "The shoulder has settled about two inches along 30 feet; a barrier was left in the ditch."
        looks_at(walk.permit, walk.acts("ivan"), result="fail", defects=defects, uploads=[site_photo(walk.rng)])
    walk.permit.refresh_from_db()
    return walk


def _suspended(walk: Walk) -> Walk:
    return (
        _active(walk)
        .later(0.3)
        .do("suspend", walk.acts("ivan"), code="S10", reason="Flaggers left the site while the lane was closed.")
    )


def _completed(walk: Walk) -> Walk:
    return _active(walk).later(0.5).do("stop_work", walk.own)


def _closed(walk: Walk) -> Walk:
    walk = _completed(walk).later(1)
    rows = answered(walk.permit, "final")
    return walk.do("pass_inspection", walk.acts("ivan"), remarks="Pavement even, signs removed.", checklist=rows)


def _revoked(walk: Walk) -> Walk:
    text = "Work was done outside the permitted hours after two warnings; the road has to be made safe today."
    return _suspended(walk).later(0.2).do("revoke", walk.acts("dora"), reasons=["R90"], explanation=text).work()


def _sent_twice(walk: Walk) -> Walk:
    """The same application once more, by the form: the check leaves it to an officer."""
    with at(walk.moment + timedelta(hours=2)):
        draft = by_form(walk.permit.application, name=walk.permit.holder)
        walk.permit = engine.fire(draft, "submit", actor=applicant(draft, draft.holder))
    return walk


def by_form(application: Mapping[str, Any], *, name: str) -> Any:
    """An application as somebody filled it in page by page, with its papers, ready to be sent."""
    who = Actor(kind="applicant", name=name)
    draft = engine.open_case(registry.get("roadPermit"), open_draft({}, who), actor=who)

    def complete(permit: Any) -> dict[str, int]:
        applications.fill(permit, from_json(application))
        for kind in guards.missing_documents(permit, before=frozenset({Before.SUBMISSION})):
            upload = SimpleUploadedFile(f"{kind}.pdf", paper(permit.reference, DocumentKind(kind).label))
            files.store_upload(permit, upload, kind=kind, added_by=name)
        return {}

    return engine.change(draft, "document", actor=who, apply=complete, public=True)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How many permits end where. ``filed`` and ``starts``: days from today (negative: in the past)."""

    count: int
    walk: Callable[[Walk], Any]
    filed: tuple[int, int]
    starts: tuple[int, int]
    days: tuple[int, int] = (3, 40)
    pays: bool = False  # only applicants who owe a fee now


STAGES = (
    Stage(count=8, walk=lambda walk: walk, filed=(-6, -1), starts=(70, 120)),
    Stage(count=5, walk=lambda walk: walk.later(0.5).take().advise(at_most=1), filed=(-12, -3), starts=(70, 120)),
    Stage(count=3, walk=lambda walk: walk.later(1).take(), filed=(-90, -70), starts=(30, 60)),
    Stage(count=3, walk=_answered, filed=(-12, -6), starts=(70, 120)),
    Stage(count=4, walk=_ask, filed=(-7, -2), starts=(70, 120)),
    Stage(count=1, walk=_sent_twice, filed=(-1, -1), starts=(70, 120)),
    Stage(count=2, walk=_unpaid_after_approval, filed=(-9, -5), starts=(60, 90), pays=True),
    Stage(count=2, walk=_issued_but_unreachable, filed=(-9, -5), starts=(60, 90)),
    Stage(count=7, walk=lambda walk: walk.in_force(), filed=(-30, -8), starts=(60, 100)),
    Stage(count=2, walk=_active, filed=(-80, -70), starts=(-8, -2), days=(20, 40)),
    Stage(count=3, walk=_inspected, filed=(-80, -70), starts=(-8, -2), days=(20, 40)),
    Stage(count=2, walk=_suspended, filed=(-80, -70), starts=(-8, -2), days=(20, 40)),
    Stage(count=1, walk=_completed, filed=(-100, -90), starts=(-20, -10), days=(12, 30)),
    Stage(count=1, walk=_failed, filed=(-100, -90), starts=(-20, -10), days=(12, 30)),
    Stage(count=3, walk=_closed, filed=(-110, -100), starts=(-30, -20), days=(12, 20)),
    Stage(count=3, walk=_refused, filed=(-20, -10), starts=(70, 120)),
    Stage(count=2, walk=lambda walk: walk.later(1).do("cancel", walk.own, reason="The project moved to next year."),
          filed=(-20, -6), starts=(70, 120)),
    Stage(count=2, walk=lambda walk: walk.in_force(), filed=(-120, -110), starts=(-50, -45), days=(5, 10)),
    Stage(count=2, walk=_revoked, filed=(-100, -90), starts=(-20, -12), days=(25, 40)),
)  # fmt: skip


def walk_all(officers: Mapping[str, User], *, on_each: Callable[[Any], None] = lambda permit: None) -> int:
    """File and walk the demo's permits; answers how many. Expired ones expire by their timer, as in life."""
    rng = random.Random(SEED)  # noqa: S311 - the same demo each time
    made = 0
    for stage in STAGES:
        for _ in range(stage.count):
            kind = KINDS[made % len(KINDS)]
            walk = Walk(case=None, moment=office_hour(rng, stage.filed), officers=officers, rng=rng)
            starts = timezone.localdate() + timedelta(days=rng.randint(*stage.starts))
            walk.permit = _file(rng, walk, kind=kind, starts=starts, days=rng.randint(*stage.days), pays=stage.pays)
            stage.walk(walk.later(0.01).work())
            on_each(walk.permit)
            made += 1
    return made


def _file(rng: random.Random, walk: Walk, *, kind: str, starts: date, days: int, pays: bool) -> RoadPermit:
    with at(walk.moment):
        today = timezone.localdate()
        answers = believable(rng, today=today, starts=starts, days=days, kind=kind)
        while pays and answers["billing"] != "pay_now":
            answers = believable(rng, today=today, starts=starts, days=days, kind=kind)
        answers["early_start_reason"] = "The crew and the materials are booked for this week."
        if answers.get("excavation"):
            answers["one_call_ticket"] = f"26{rng.randint(1000000, 9999999)}"
        who = Actor(kind="applicant", name=answers["organisation"] or answers["contact_name"])
        started = engine.start_workflow("roadPermit", answers, actor=who)
    return RoadPermit.objects.get(pk=started.case.pk)
