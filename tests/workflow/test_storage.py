"""Files are written whole or not at all, and served without any rights."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from django.http import Http404

from workflow.contrib import storage
from workflow.contrib.storage import path_of, write_whole


def test_a_file_is_there_with_its_size_and_digest() -> None:
    written = write_whole("a/b/one", [b"first ", b"second"])
    assert path_of("a/b/one").read_bytes() == b"first second"
    assert (written.size, written.sha256) == (12, sha256(b"first second").hexdigest())


def test_what_breaks_off_leaves_the_file_before_it_and_no_half() -> None:
    write_whole("a/one", [b"old"])

    def broken() -> Iterator[bytes]:
        yield b"new, but"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole("a/one", broken())
    assert [path.name for path in path_of("a").iterdir()] == ["one"]
    assert path_of("a/one").read_bytes() == b"old"


@pytest.mark.django_db  # the end of a response looks after connections
@pytest.mark.parametrize("way", ["attachment", "inline"])
def test_a_stored_file_is_served_without_any_rights(way: str) -> None:
    write_whole("page", [b"<script>alert(1)</script>"])
    if way == "attachment":
        response = storage.attachment("page", name="page.html", content_type="text/html")
        assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    else:
        response = storage.inline("page", content_type="image/jpeg")
        assert response["Content-Type"] == "image/jpeg"
    assert "sandbox" in response["Content-Security-Policy"]
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-store")
    response.close()


def test_a_file_that_is_not_here_is_a_404() -> None:
    with pytest.raises(Http404, match=r"plan\.pdf"):
        storage.attachment("gone", name="plan.pdf", content_type="application/pdf")
