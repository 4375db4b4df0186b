"""Who may come in: whoever holds the link of a report, or of what it became. And how often somebody may report."""

import re
from datetime import timedelta
from functools import wraps

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from incidents.models import Incident, Report
from incidents.report.draft import is_joined
from workflow.actors import Actor, applicant
from workflow.contrib.citizens import doors

# By one network address in an hour: a storm brings many reports through one office or one mobile network.
MOST_BEGUN, MOST_FILED, MOST_VOTES, HOUR = 120, 60, 60, timedelta(hours=1)

_TOKEN = re.compile(r"[0-9a-f]{32}")

by_link = doors.by_link(Incident, "team", "duplicate_of")
too_many = doors.too_many


def may(request: HttpRequest, what: str, most: int) -> bool:
    """Whether this network address may do ``what`` once more in this hour; counts it."""
    return doors.within_limit(what, doors.address_of(request), most=most, per=HOUR)


def by_token(view: doors.Page) -> doors.Page:
    """Gives the view the report behind ``token``. One that was sent leads to its receipt."""

    @doors.private
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: object) -> HttpResponseBase:
        report = _report(token)
        if report is None:
            return doors.wrong_link(request)
        if report.incident_id is not None:
            return redirect(reverse("incidents:report_done", args=[token]))
        if is_joined(report):
            return redirect(reverse("incidents:report_thanks", args=[token]))
        return view(request, report, **kwargs)

    return opened


def finished(view: doors.Page) -> doors.Page:
    """Gives the view a report that was sent or joined; any other goes on where it stopped."""

    @doors.private
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: object) -> HttpResponseBase:
        report = _report(token)
        if report is None:
            return doors.wrong_link(request)
        if report.incident_id is None and not is_joined(report):
            return redirect(reverse("incidents:report_resume", args=[token]))
        return view(request, report, **kwargs)

    return opened


def is_token(text: str) -> bool:
    """Whether it may be asked for: PostgreSQL refuses some texts, NUL among them."""
    return _TOKEN.fullmatch(text) is not None


def _report(token: str) -> Report | None:
    return Report.objects.select_related("incident").filter(token=token).first() if is_token(token) else None


def actor_of(incident: Incident) -> Actor:
    """Whoever holds the link acts for the reporter; the history never knows a name."""
    return applicant(incident, name="Reporter")
