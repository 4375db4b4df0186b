"""Watch my road: who hears of a new report, and of its end.

A watch fits a report by circle, county or stretch of a route, and by category. What a change tells is planned by a
task, batch by batch: one mail an address and event, and none to somebody who hears of it already.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import cos, radians
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from incidents import messages, places, watch_links
from incidents.catalogue import Catalogue
from incidents.models import Group, Incident, Watch
from incidents.public.filters import Filter
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.notices import EMAIL
from workflow.contrib.notifications.wording import Wording
from workflow.contrib.places.counties import METRES_PER_DEGREE
from workflow.definition import Result, Service
from workflow.following import task
from workflow.models import Contact, Event

METRES_PER_MILE = 1609.344
RADII_MILES = (1, 2, 5, 10, 25)
MOST_RADIUS_M = RADII_MILES[-1] * METRES_PER_MILE + 1
AT_ONCE = 50  # watches looked at in one transaction
TELL_WATCHERS = "tellWatchers"
# Transition -> template of incidents/messages and subject.
NEWS = MappingProxyType(
    {
        "hand_over": ("watch_new", "New report: {title}"),
        "resolve": ("watch_end", "Fixed: {title}"),
        "reject": ("watch_end", "Not taken up: {title}"),
        "close": ("watch_end", "Closed: {title}"),
    }
)


def live() -> QuerySet[Watch]:
    """The watches that hear of something: confirmed, and not ended."""
    return Watch.objects.filter(confirmed_at__isnull=False, unsubscribed_at=None)


def plan(incident: Any, event: Event) -> None:
    """Plan, in the event's transaction, the task that tells whoever watches the place."""
    if event.transition in NEWS and not incident.hidden_because and live().exists():
        _tell_later(incident, event.seq, after=0)


def _tell_later(incident: Any, seq: int, *, after: int) -> None:
    task(
        incident, name=f"watchers-{seq}-{after}", service=TELL_WATCHERS, argument={"seq": seq, "after": after}
    )  # fmt: skip


# -- who it is for ----------------------------------------------------------------------------------------------------


def fitting(incident: Any) -> QuerySet[Watch]:
    """Live watches whose county, stretch of route or square around the circle holds the report; found by indexes.
    The filter has the last word: it knows categories, miles and distances."""
    found = Q(pk__in=[])
    if incident.county:
        found |= Q(kind=Watch.Kind.COUNTY, county=incident.county)
    if incident.route:
        found |= Q(kind=Watch.Kind.ROUTE, route=incident.route)
    if incident.latitude is not None and incident.longitude is not None:
        high = MOST_RADIUS_M / METRES_PER_DEGREE
        wide = high / max(cos(radians(incident.latitude)), 0.01)
        found |= Q(
            kind=Watch.Kind.CIRCLE,
            latitude__range=(incident.latitude - high, incident.latitude + high),
            longitude__range=(incident.longitude - wide, incident.longitude + wide),
        )
    return live().filter(found).order_by("pk")


# -- the task ---------------------------------------------------------------------------------------------------------


def _accept(incident: Any, result: Result) -> bool:
    """Plan the next messages; where there are more, a task for those."""
    event = Event.objects.get(case_id=incident.pk, seq=result["seq"])
    if incident.hidden_because:
        return True
    batch = list(fitting(incident).filter(pk__gt=result["after"])[: AT_ONCE + 1])
    for watch in _untold(incident, event, islice(batch, AT_ONCE)):
        _write(incident, event, watch)
    if len(batch) > AT_ONCE:
        _tell_later(incident, event.seq, after=batch[AT_ONCE - 1].pk)
    return True


def _untold(incident: Any, event: Event, watches: Iterator[Watch]) -> Iterator[Watch]:
    told = {address.casefold() for address in event.messages.values_list("address", flat=True)}
    told |= {address.casefold() for address in _concerned(incident)}
    for watch in watches:
        if watch.email.casefold() not in told and Filter.of_watch(watch).fits(incident):
            told.add(watch.email.casefold())
            yield watch


def _concerned(incident: Any) -> Iterator[str]:
    """Who hears of the report anyway, in other words."""
    joined = Incident.objects.filter(duplicate_of=incident).values("pk")
    reporters = Contact.objects.filter(Q(case_id=incident.pk) | Q(case__in=joined), role=messages.REPORTER)
    yield from reporters.values_list("email", flat=True)
    yield from incident.subscribers.filter(unsubscribed_at=None).values_list("email", flat=True)


def _write(incident: Any, event: Event, watch: Watch) -> None:
    template, subject = NEWS[event.transition]
    stop = watch_links.watch_url(watch, "stop")
    words = {"watching": described(watch), "manage_url": watch_links.watch_url(watch), "unsubscribe_url": stop}
    notices.write(
        incident,
        event,
        template=f"incidents/messages/{template}",
        wording=Wording(subject=subject),
        words=messages.words_of(incident, event) | words,
        role=f"watch-{watch.pk}",
        channels=[(EMAIL, watch.email)],
        unsubscribe_url=stop,
        must_arrive=False,
    )


WATCHERS = Service(
    name=TELL_WATCHERS, call=messages.argument_of, accept=_accept, doing="tells everybody who watches this road"
)
TASKS = (WATCHERS,)


# -- a watch in words, and as the filter of feeds ---------------------------------------------------------------------


def described(watch: Watch, known: Catalogue | None = None) -> str:
    """“I-35, mile 100 to 120”; with the names of its categories where ``known`` is given."""
    place = _PLACES[Watch.Kind(watch.kind)](watch)
    if known is None:
        return place
    groups = {group.value: group.label for group in Group}
    names = [groups.get(code) or known.name(code) for code in watch.categories]
    return f"{place}: {', '.join(names) if names else 'every kind of report'}"


def _circle(watch: Watch) -> str:
    miles = round((watch.radius_m or 0) / METRES_PER_MILE)
    return f"{miles} mile{'' if miles == 1 else 's'} around {watch.latitude:.5f}, {watch.longitude:.5f}"


def _stretch(watch: Watch) -> str:
    if watch.milepost_from is None and watch.milepost_to is None:
        return watch.route
    if watch.milepost_to is None:
        return f"{watch.route} from mile {watch.milepost_from:g}"
    return f"{watch.route}, mile {watch.milepost_from or 0:g} to {watch.milepost_to:g}"


_PLACES = {
    Watch.Kind.CIRCLE: _circle,
    Watch.Kind.COUNTY: lambda watch: places.county_name(watch.county),
    Watch.Kind.ROUTE: _stretch,
}


def feeds_of(watch: Watch) -> dict[str, str]:
    """Addresses that show the same without any subscription: the page, Atom, GeoJSON."""
    query = Filter.of_watch(watch).query()
    paths = {"page_url": "/incidents/", "atom_url": "/incidents.atom", "geojson_url": "/incidents.geojson"}
    return {name: f"{settings.SITE_URL}{path}?{query}" for name, path in paths.items()}
