"""Rules as officers change them, for tests."""

from workflow.contrib.rulebook.book import book
from workflow.contrib.rulebook.changing import change, newest_change


def put(by=None, **values):
    """Set rules; ``__`` stands for a dot. Seen at once, though the transaction of a test is never committed."""
    return put_all({name.replace("__", "."): value for name, value in values.items()}, by=by)


def put_all(values, by=None):
    lines = change(values, by=by, seen=newest_change())
    settled()
    return lines


def settled():
    """What was written in this test counts as committed."""
    book._uncommitted.clear()
    book.forget()
