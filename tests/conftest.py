"""What every test shares: a database as in production, and services that behave unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import override_settings

from tests.parcels.services import Stub
from tests.parcels.services import stub as the_stub
from workflow.contrib.rulebook.book import book


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite in a file, with the journal and locks of production: in memory, threads would share one cache."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(Path(tmp_path_factory.mktemp("database")) / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """SQLite empties tables between tests by DELETE, which the history refuses; test_state_guard sets it back."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS event_is_never_deleted")
                cursor.execute("DROP TRIGGER IF EXISTS rule_change_is_never_deleted")


@pytest.fixture(autouse=True)
def files_of_its_own(tmp_path: Path) -> Iterator[None]:
    """No test writes into the files of the machine it runs on."""
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """The limits on links and look-ups count in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture(autouse=True)
def the_original_rules() -> None:
    """What an officer changed in one test is forgotten in the next; no look at the database until a rule is changed."""
    book.stand_still()


@pytest.fixture(autouse=True)
def stub() -> Iterator[Stub]:
    the_stub.reset()
    yield the_stub
    the_stub.reset()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgresql") and not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        pytest.skip("SQLite has one writer; shown on PostgreSQL")
