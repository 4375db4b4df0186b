"""Who works on incidents and who reports them in the demo: invented names, 555-01xx numbers, example domains."""

from __future__ import annotations

import random

from django.contrib.auth.models import User

from incidents.demo.rules import teams_and_rules
from workflow.contrib.demo.office import Row, staff
from workflow.models import ApiKey
from workflow.roles import sync_roles

WEST = ("maintenance-central", "maintenance-northwest", "maintenance-southwest", "maintenance-metro", "incident-desk")
EAST = ("maintenance-northeast", "maintenance-southeast", "maintenance-east", "metro-freeways")
TRADES = ("signals", "structures")
OFFICERS: tuple[Row, ...] = (
    ("tess", "Tess", "Halvorsen", ("Triage officer",), WEST),
    ("theo", "Theo", "Marchetti", ("Triage officer",), EAST),
    ("devi", "Devi", "Raman", ("Dispatcher",), WEST + EAST),
    ("carl", "Carl", "Jurgens", ("Crew leader",), WEST + EAST),
    ("sue", "Sue", "Kowalczyk", ("Dispatcher", "Crew leader"), TRADES),
    ("marc", "Marcus", "Bell", ("District manager",), WEST + EAST + TRADES),
)
# An Open311 client of the demo; nobody elsewhere has this key.
KEY_NAME, KEY_PREFIX, KEY_SECRET = "City 311 app (demo)", "de300311", "open311-demo-key-of-milepost-0000"
KEY_TEXT = f"mp_live_{KEY_PREFIX}_{KEY_SECRET}"
CREWS = {
    "signals": ("Signal shop, Ankeny", "Signal shop, Cedar Rapids"),
    "structures": ("Bridge crew A", "Bridge crew B"),
    "metro-freeways": ("Des Moines north garage", "Ankeny garage"),
    "maintenance-metro": ("Des Moines north garage", "Grimes garage"),
    "maintenance-central": ("Ames garage", "Marshalltown garage", "Boone garage"),
    "maintenance-northeast": ("Waterloo garage", "New Hampton garage", "Mason City garage"),
    "maintenance-northwest": ("Sioux City garage", "Spencer garage", "Fort Dodge garage"),
    "maintenance-southwest": ("Atlantic garage", "Council Bluffs garage", "Creston garage"),
    "maintenance-southeast": ("Ottumwa garage", "Fairfield garage", "Burlington garage"),
    "maintenance-east": ("Cedar Rapids garage", "Davenport garage", "Iowa City garage"),
    "incident-desk": ("Ames garage",),
}
FIRST = ("Ruth", "Walter", "Imani", "Chidi", "Lena", "Oskar", "Priya", "Hank", "Mariana", "Duc", "Nell", "Abel", "Gwen",
         "Tomás", "Yusuf", "Clara", "Bent", "Sofía", "Earl", "Mina")  # fmt: skip
LAST = ("Abernathy", "Brandvold", "Castellanos", "Dvorak", "Eriksen", "Farah", "Grunwald", "Hale", "Ikeda", "Jansen",
        "Kimball", "Lindgren", "Mbeki", "Nguyễn", "O’Neill", "Petersen", "Quist", "Rasmussen")  # fmt: skip


def office() -> dict[str, User]:
    """Make teams, routing rules, roles, officers and the Open311 key; answers the officers by log-in. May run again."""
    sync_roles()
    key()
    return staff(OFFICERS, teams_and_rules())


def key() -> ApiKey:
    """The Open311 client's key."""
    values = {"name": KEY_NAME, "digest": ApiKey.hash(KEY_SECRET), "scopes": ["open311:write"]}
    return ApiKey.objects.get_or_create(prefix=KEY_PREFIX, defaults=values)[0]


def person(rng: random.Random) -> dict[str, str]:
    """A reporter; one in five leaves nothing, one in six a telephone number only."""
    left = rng.random()
    if left < 0.2:
        return {"name": "", "email": "", "phone": ""}
    first, last = rng.choice(FIRST), rng.choice(LAST)
    number = f"515-555-01{rng.randint(0, 99):02}"
    if left < 0.36:
        return {"name": f"{first} {last}", "email": "", "phone": number}
    return {"name": f"{first} {last}", "email": address(rng, first), "phone": number if left > 0.8 else ""}


def address(rng: random.Random, first: str = "") -> str:
    """An e-mail address that reaches nobody."""
    plain = "".join(letter for letter in (first or rng.choice(FIRST)).lower() if letter.isascii())
    return f"{plain}{rng.randint(10, 9999)}@mail.example"
