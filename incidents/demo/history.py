"""Incidents of the last 120 days, each walked through the engine's own door when it would have happened."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from incidents import desk, duplicates, photos
from incidents.demo import people, pictures, reports, roads
from incidents.models import Incident, Open311Request
from workflow import engine
from workflow.actors import Actor, applicant, officer
from workflow.contrib.demo import past
from workflow.contrib.demo.past import at

REPORTER = Actor(kind="applicant", name="Reporter")
PHOTO_SHARE, OPEN311_SHARE = 0.3, 0.12
EXEMPT = "Night work: the camera shows nothing"


@dataclass
class Walk(past.Walk):
    """One incident on its way through the past."""

    category: str = ""

    @property
    def desk(self) -> Actor:
        return self._of("devi")

    @property
    def triage(self) -> Actor:
        return self._of("tess" if self.team in people.WEST else "theo")

    @property
    def crew(self) -> Actor:
        return self._of("carl")

    @property
    def team(self) -> str:
        return str(self.case.team.code)

    def _of(self, login: str) -> Actor:
        return officer(self.officers["sue" if self.team in people.TRADES else login])

    @property
    def own(self) -> Actor:
        return applicant(self.case, "Reporter")

    def crew_name(self) -> str:
        return self.rng.choice(people.CREWS.get(self.team, ("Ames garage",)))

    def hours(self, least: float, most: float) -> Walk:
        """Some hours later, but never later than now."""
        passed, left = timedelta(hours=self.rng.uniform(least, most)), timezone.now() - self.moment
        self.moment += passed if passed < left else left * self.rng.uniform(0.2, 0.6)
        return self

    def take(self) -> Walk:
        actor = self.triage

        def mine(case: Any) -> dict[str, str]:
            case.assignee = actor.user
            return {"assignee": actor.name}

        return self.change("assigned", mine, actor)

    def seen(self, times: int) -> Walk:
        """So many others say: me too."""
        for _ in range(times):
            self.hours(0.2, 5)
            email = people.address(self.rng) if self.rng.random() < 0.4 else ""
            with at(self.moment):
                self.case = duplicates.me_too(self.case, actor=REPORTER, email=email)
            self.case.subscribers.filter(created_at__gt=self.moment).update(created_at=self.moment)
        return self

    def moderate(self) -> Walk:
        """An officer looks at the photos; nearly all are for everybody."""
        for photo in self.case.photos.filter(moderated_at=None):
            with at(self.moment):
                public = self.rng.random() < 0.9
                self.case = desk.moderate(self.case, photo=photo, is_public=public, actor=self.triage)
        return self

    def ask(self) -> Walk:
        self.do("ask", self.triage, question=reports.KINDS[self.category].asked)
        self.case.inquiries.update(asked_at=self.moment)
        return self.work()

    def answer(self) -> Walk:
        said = self.rng.choice(("Right lane, about 50 feet after the crossing.", "On the shoulder, it is still there.",
                                "Next to the white house, in the wheel path."))  # fmt: skip
        return self.hours(2, 40).do("answer", self.own, text=said).work()

    def dispatch(self) -> Walk:
        return self.do("dispatch", self.desk, crew=self.crew_name(), task=self.task()).work()

    def task(self) -> str:
        return f"{self.case.title}: look at it, make it safe, repair it"[:300]

    def fix(self) -> Walk:
        """Resolved, with a photo of the repair if the report had one, else mostly so."""
        exempt = EXEMPT
        if self.case.photos.exists() or self.rng.random() < 0.25:
            add_photo(self, repaired=True)
            exempt = ""
        sentence = reports.done(self.rng, self.category)
        return self.do("resolve", self.crew, sentence=sentence, photo_exempt_because=exempt).work()


def add_photo(walk: Walk, *, repaired: bool) -> None:
    """A photo of the repair, as the crew sends it."""
    drawn = pictures.photo(walk.rng, walk.category, repaired=repaired)
    kept = photos.keep(drawn, incident=walk.case, kind="repair").photo
    now = walk.moment
    type(kept).objects.filter(pk=kept.pk).update(
        created_at=now, is_public=True, moderated_at=now, moderated_by=walk.crew.user
    )  # fmt: skip


# -- filing -----------------------------------------------------------------------------------------------------------


def file(
    rng: random.Random, moment: datetime, officers: Mapping[str, User], *, category: str,
    spot: roads.Spot | None = None, reachable: bool = False,
) -> Walk:  # fmt: skip
    """One report, filed as somebody would at ``moment``, by the form or an Open311 client."""
    said = reports.words(rng, category)
    place = spot or roads.anywhere(rng, freeways=not reports.KINDS[category].crossing)
    who = people.person(rng)
    while reachable and not (who["email"] or who["phone"]):
        who = people.person(rng)
    open311 = rng.random() < OPEN311_SHARE
    data = {**said, **who, "route": place.route, "direction": place.direction, "milepost": place.milepost}
    data |= {"latitude": place.latitude, "longitude": place.longitude, "place_source": rng.choice(("pin", "device"))}
    tokens = [_photo(rng, category, moment)] if rng.random() < PHOTO_SHARE else []
    data |= {"photos": tokens, "channel": "open311" if open311 else "form"}
    with at(moment):
        started = engine.start_workflow("incident", data, actor=_client() if open311 else REPORTER)
    incident = Incident.objects.get(pk=started.case.pk)
    if open311:
        digest = f"{incident.pk:064x}"
        Open311Request.objects.create(key=people.key(), digest=digest, incident=incident, created_at=moment)
    walk = Walk(case=incident, moment=moment, officers=officers, rng=rng, category=category)
    return walk.work()


def _photo(rng: random.Random, category: str, moment: datetime) -> str:
    kept = photos.keep(pictures.photo(rng, category)).photo
    type(kept).objects.filter(pk=kept.pk).update(created_at=moment - timedelta(minutes=2))
    return kept.token


def _client() -> Actor:
    key = people.key()
    return Actor(kind="integrator", name=key.name, key_id=key.pk, scopes=frozenset(key.scopes))


def some_time(rng: random.Random, days: tuple[int, int]) -> datetime:
    """When people report: most by day, some at night; never in the future. (0, 0): just now."""
    lately = timezone.now() - timedelta(minutes=rng.randint(5, 90))
    if days == (0, 0):
        return lately
    hour = min(max(rng.gauss(14, 4.5), 0.2), 23.7)
    day = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=rng.randint(*days))
    return min(day + timedelta(hours=hour), lately)
