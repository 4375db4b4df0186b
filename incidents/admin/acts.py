"""Everything an officer can press on a report's record: its decisions and the work at its desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from incidents import desk, guards, merging, photos
from incidents.admin import at_once, forms
from incidents.desk import DISPATCH, MANAGE, REPAIR, TRIAGE
from incidents.models import Photo
from workflow import engine
from workflow.actors import Actor
from workflow.admin.acts import (
    ASSIGN,
    CLAIM,
    GRAVE,
    MAIN,
    NOTE,
    RELEASE,
    RETRY,
    Counter,
    Decision,
    DeskWork,
    Sensible,
)
from workflow.desk import may_work, refused
from workflow.errors import NotAllowed


def _resolve(incident: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
    """The photo first, and it stays when the rest is refused: a file cannot be shown in the form again."""
    data = dict(values)
    upload = data.pop("photo", None)
    if upload is not None:
        if not desk.may(incident, actor, DISPATCH, REPAIR):
            raise NotAllowed(f"Only crew leaders and dispatchers of the team {incident.team} may do this.")
        _keep_photo(incident, upload)
    return engine.fire(incident, "resolve", actor=actor, revision=revision, data=data)


def _keep_photo(incident: Any, upload: Any) -> None:
    if incident.is_closed:
        return  # the engine says so in a moment
    try:
        photos.keep(upload, incident=incident, kind=Photo.Kind.REPAIR)
    except photos.RefusedPhoto as error:
        raise refused(error.code, error.sentence, field="photo") from None


def _merge(incident: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
    survivor = forms.other_report(values["into"])
    if survivor is None:
        raise refused("unknown_report", "There is no report with this reference: read it again.", field="into")
    return merging.merge(incident, survivor, actor=actor, revision=revision)


def _unmerge(incident: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
    return merging.unmerge(incident, actor=actor, revision=revision)


def _reopen(incident: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
    return engine.fire(incident, "reopen", actor=actor, revision=revision, note=values["note"])


DECISIONS: Mapping[str, Decision] = {
    "hand_over": Decision("The report goes to its team's desk.", tone=MAIN, bulk=at_once.HAND_OVER),
    "ask": Decision("The reporter gets your question, and the clock stands still until it is answered.", forms.AskForm),
    "dispatch": Decision(
        "The work is ordered for today; the crew is at work as soon as the order is taken.", forms.DispatchForm, MAIN
    ),
    "schedule": Decision(
        "The work is ordered for a day, and the reporter is told which.",
        forms.ScheduleForm,
        MAIN,
        bulk=at_once.SCHEDULE,
    ),
    "start_work": Decision("The record says that the crew is at work.", tone=MAIN),
    "put_back": Decision("The report goes back to triage; its open jobs are cancelled.", forms.PutBackForm),
    "resolve": Decision(
        "The report ends as fixed. Everybody who reported it is told, and can say within 30 days that it is not.",
        forms.ResolveForm,
        MAIN,
        press=_resolve,
        settles=frozenset({guards.FIX_SHOWN.code}),
    ),
    "merge": Decision(
        "This report joins the other one: its people, votes and photos go there. You can take it back for seven days.",
        forms.MergeForm,
        press=_merge,
    ),
    "reject": Decision("The report ends without work, and the reporter reads why.", forms.RejectForm, GRAVE),
    "close": Decision("The report ends without a repair of ours, and the reporter reads why.", forms.CloseForm, GRAVE),
    "unmerge": Decision("Everything that moved comes back, and the report is on its team's desk.", press=_unmerge),
    "reopen": Decision(
        "The report is on its team's desk again, with high priority and a new due time.",
        forms.ReopenForm,
        press=_reopen,
        label="Open again",
    ),
}


def _offered(*permissions: str, when: Callable[[Any], bool] = lambda incident: not incident.is_closed) -> Sensible:
    """Offered to officers of the team with one of the permissions, when it makes sense."""
    return lambda incident, actor: when(incident) and desk.may(incident, actor, *permissions)


RECATEGORISE = DeskWork(
    name="recategorise",
    label="Change category",
    description="It is a different kind of problem.",
    door=desk.recategorise,
    sensible=_offered(TRIAGE),
    form=forms.CategoryForm,
)
HAND_TO = DeskWork(
    name="hand_to",
    label="Another team",
    description="Another team should have it.",
    door=desk.hand_to,
    sensible=_offered(TRIAGE, DISPATCH),
    form=forms.TeamForm,
    bulk=at_once.HAND_TO,
)
ADD_JOB = DeskWork(
    name="add_job",
    label="Add a job",
    description="It needs another crew, too: work is split into jobs.",
    door=desk.add_job,
    sensible=_offered(DISPATCH),
    form=forms.AddJobForm,
)
FINISH_JOB = DeskWork(
    name="finish_job",
    label="Done",
    description="The crew has done this job.",
    door=desk.finish_job,
    sensible=_offered(DISPATCH, REPAIR),
    form=forms.OpenJobForm,
    listed=False,
)
CANCEL_JOB = DeskWork(
    name="cancel_job",
    label="Cancel",
    description="This job is not needed.",
    door=desk.cancel_job,
    sensible=_offered(DISPATCH),
    form=forms.OpenJobForm,
    listed=False,
)
PUBLISH_PHOTO = DeskWork(
    name="publish_photo",
    label="Publish",
    description="Everybody may see this photo: nobody can be recognised in it.",
    door=partial(desk.moderate, is_public=True),
    sensible=_offered(TRIAGE, DISPATCH, REPAIR, when=lambda incident: True),
    form=forms.PhotoForm,
    listed=False,
)
KEEP_PRIVATE = DeskWork(
    name="keep_private",
    label="Keep private",
    description="Only officers see this photo.",
    door=partial(desk.moderate, is_public=False),
    sensible=_offered(TRIAGE, DISPATCH, REPAIR, when=lambda incident: True),
    form=forms.PhotoForm,
    listed=False,
)
PUBLISH_UPDATE = DeskWork(
    name="publish_update",
    label="Publish",
    description="Everybody reads what the other system said; addresses and phone numbers are masked.",
    door=partial(desk.publish_update, is_public=True),
    sensible=_offered(TRIAGE, MANAGE, when=lambda incident: True),
    form=forms.UpdateForm,
    listed=False,
)
WITHDRAW_UPDATE = DeskWork(
    name="withdraw_update",
    label="Keep private",
    description="Only officers read what the other system said.",
    door=partial(desk.publish_update, is_public=False),
    sensible=_offered(TRIAGE, MANAGE, when=lambda incident: True),
    form=forms.UpdateForm,
    listed=False,
)
HIDE = DeskWork(
    name="hide",
    label="Hide from the public",
    description="It disappears from the public pages and feeds.",
    door=desk.hide,
    sensible=_offered(TRIAGE, MANAGE, when=lambda incident: not incident.hidden_because),
    form=forms.HideForm,
)
SHOW = DeskWork(
    name="show",
    label="Show to the public",
    description="It is on the public pages again.",
    door=desk.show,
    sensible=_offered(TRIAGE, MANAGE, when=lambda incident: bool(incident.hidden_because)),
)
HOLD = DeskWork(
    name="hold",
    label="Legal hold",
    description="Its persons are not forgotten until the hold ends.",
    door=desk.hold,
    sensible=_offered(MANAGE, when=lambda incident: not incident.legal_hold),
    form=forms.HoldForm,
)
RELEASE_HOLD = DeskWork(
    name="release_hold",
    label="End the legal hold",
    description="Its persons are forgotten when their time has come.",
    door=desk.release_hold,
    sensible=_offered(MANAGE, when=lambda incident: bool(incident.legal_hold)),
)

MESSAGE = DeskWork(
    name="message",
    label="Message to the reporter",
    description="The reporter gets it, and reads it on the tracking page.",
    door=desk.write_to_reporter,
    sensible=lambda incident, actor: may_work(incident, actor) and guards.REPORTER_REACHABLE(incident),
    form=forms.WriteForm,
)

COUNTER = Counter(
    noun="report",
    decisions=DECISIONS,
    desk=(
        CLAIM, RELEASE, RETRY, ASSIGN, RECATEGORISE, HAND_TO, ADD_JOB, FINISH_JOB, CANCEL_JOB, PUBLISH_PHOTO,
        KEEP_PRIVATE, PUBLISH_UPDATE, WITHDRAW_UPDATE, HIDE, SHOW, HOLD, RELEASE_HOLD, MESSAGE,
        NOTE,
    ),
)  # fmt: skip
