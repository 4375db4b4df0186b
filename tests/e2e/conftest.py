"""A real browser for the tests marked ``e2e``.

``page(width=375)`` opens a page on the live server; it fails the test if anything is fetched from another host, breaks
the Content-Security-Policy or throws. ``axe(page)`` fails on any finding of axe-core, with no rule switched off.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from pytest_django.live_server_helper import LiveServer

# Playwright keeps an event loop on this thread, where Django would refuse every query of a test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
type OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own where there is none."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """``page(width=1280, javascript=True, locale="en-US")``: a fresh page, with paths relative to the live server."""
    complaints: list[str] = []
    contexts = []

    def watch_request(request: Request) -> None:
        if not request.url.startswith((f"{live_server.url}/", "data:", "blob:", "about:")):
            complaints.append(f"fetched from another host: {request.url}")

    def watch_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def open_page(*, width: int = 1280, javascript: bool = True, locale: str = "en-US") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale=locale,
            reduced_motion="reduce",  # what fades in has no contrast for a moment
        )
        contexts.append(context)
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        opened.on("request", watch_request)
        opened.on("console", watch_console)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Fails with one line per finding: rule, what it says, where."""

    def check(opened: Page) -> None:
        opened.evaluate(AXE)  # evaluated by the debugger, so the page's policy stays as it is
        found = opened.evaluate("async () => (await axe.run()).violations")
        lines = [f"{rule['id']}: {rule['help']}: {[n['html'][:160] for n in rule['nodes']]}" for rule in found]
        assert not lines, "\n".join(lines)

    return check
