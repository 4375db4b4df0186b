"""docs/open311.md says what the server does."""

import re
from pathlib import Path

import pytest
from django.test import Client

from incidents.models import Incident
from incidents.open311.updates import STATUSES
from tests.incidents import factories as make

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "open311.md").read_text(encoding="utf-8")
READS = re.findall(r'^curl -s "?(\$(?:HOST|V2)/[^\s"]+)"?(?: +#.*)?$', TEXT, re.MULTILINE)
SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "incidents" / "open311").glob("*.py")))
REASONS = re.findall(r'(?:refusal\(\d+, |fault\(|bad\(|reason=|_malformed\(|code=)"(\w+)"', SOURCE)


@pytest.mark.django_db
@pytest.mark.parametrize("address", READS)
def test_every_address_to_read_works_as_it_is_written(address):
    reference = make.filed().reference
    path = address.replace("$V2", "/open311/v2").replace("$HOST", "").replace("$ID", reference)
    assert Client().get(path).status_code == 200


def test_there_are_enough_of_them():
    assert len(READS) >= 11


@pytest.mark.parametrize("word", sorted({*REASONS, *STATUSES, *Incident.State.values} - {"new"}))
def test_every_reason_status_and_state_is_explained(word):
    assert f"`{word}`" in TEXT
