"""Officers who work on both kinds of case, and a few cases of each, for tests of what is common to them."""

from django.contrib.auth.models import Permission, User

from tests.incidents.factories import filed as report_filed
from tests.permits.factories import filed as permit_filed
from workflow.models import Team


def both(username="berit", *, persons=True, work=True, kinds=("permits", "incidents"), team=None):
    """An officer of ``team`` (the default one) who may look at ``kinds``, and change them with ``work``."""
    made = User.objects.create_user(
        username, f"{username}@dot.example.gov", "correct horse battery", first_name=username.capitalize(),
        last_name="Berg", is_staff=True,
    )  # fmt: skip
    models = {"permits": "roadpermit", "incidents": "incident"}
    codes = [f"{verb}_{models[kind]}" for kind in kinds for verb in (["view", "change"] if work else ["view"])]
    codes += ["view_contact", "retry_work"] if persons else []
    made.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=[*kinds, "workflow"], codename__in=codes)
    )
    (team or Team.default()).members.add(made)
    return User.objects.get(pk=made.pk)


def permit(**changes):
    return permit_filed(**changes)


def report(**changes):
    return report_filed(**changes)
