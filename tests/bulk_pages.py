"""Bulk decisions as an officer makes them: choose in the queue, read the page, tick, send."""

import re
from html import unescape

from tests.admin_pages import queue_url

ALL_WORK = "/admin/workflow/case/"


def actions(client, url):
    """The words and names of the actions that a queue offers."""
    return re.findall(r'<option value="(bulk_[\w-]+)">([^<]+)</option>', client.get(url).content.decode())


def choose(client, name, *cases, url=None):
    """The page with the chosen cases; the queue again when there is nothing to show."""
    data = {"action": f"bulk_{name}", "_selected_action": [case.pk for case in cases], "index": "0"}
    return client.post(url or queue_url(type(cases[0])), data, follow=True)


def ticked(page):
    """The boxes a browser would send as they are."""
    boxes = re.findall(r'<input type="checkbox" name="case"[^>]*>', page.content.decode())
    chosen = [box for box in boxes if " checked" in box and " disabled" not in box]
    return [re.search(r'value="([^"]*)"', box)[1] for box in chosen]


def send(client, page, *, boxes=None, **typed):
    """The page as it is sent, with its boxes or others."""
    found = re.search(r'<form method="post" action="([^"]*/bulk/[^"]*)"', page.content.decode())
    assert found, "this is not the page of a bulk decision"
    listed = re.findall(r'name="listed" value="(\d+)"', page.content.decode())
    data = {"case": ticked(page) if boxes is None else boxes, "listed": listed, **typed}
    return client.post(unescape(found[1]), data, follow=True)


def plain(text):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def told(page):
    """Reference -> what came of it; the two lists of the result: done, not done."""
    return (
        {one.case.reference: one.words for one in page.context["done"]},
        {getattr(one.case, "reference", ""): one.words for one in page.context["refused"]},
    )
