"""The officers' pages of any kind of case, for tests: addresses, buttons, presses."""

import re

from django.urls import reverse

from workflow.models import Event


def page_url(case, name, *arguments):
    """``name``: change, do, desk, document."""
    kind = case._meta
    return reverse(f"admin:{kind.app_label}_{kind.model_name}_{name}", args=[case.pk, *arguments])


def record_url(case):
    return page_url(case, "change")


def do_url(case, name):
    return page_url(case, "do", name)


def desk_url(case, name):
    return page_url(case, "desk", name)


def queue_url(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def buttons(page):
    """The decisions a record offers."""
    return set(re.findall(r'href="[^"]*/do/(\w+)/"', page.content.decode()))


def decide(client, case, name, **typed):
    return client.post(do_url(case, name), {"revision": case.revision, **typed})


def press(client, case, name, **typed):
    """Work at the desk."""
    return client.post(desk_url(case, name), {"revision": case.revision, **typed})


def last(case):
    return Event.objects.filter(case_id=case.pk).latest("seq")


def shown(client, url, **query):
    """References in the order of the page."""
    page = client.get(url, query)
    assert page.status_code == 200
    return [case.reference for case in page.context["cl"].result_list]
