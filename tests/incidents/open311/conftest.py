import pytest

from incidents.catalogue import catalogue
from tests.incidents.open311 import asking


@pytest.fixture(autouse=True)
def what_we_ship_with(db: None) -> None:
    """The categories, also where a test before this one emptied the tables."""
    catalogue()


@pytest.fixture
def key(db: None) -> str:
    return asking.write_key()


@pytest.fixture(params=["xml", "json"])
def extension(request: pytest.FixtureRequest) -> str:
    return str(request.param)
