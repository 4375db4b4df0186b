"""What a reporter wrote is shown without addresses, numbers and names of accounts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.masking import REMOVED, masked

PRIVATE = [
    "walter.hale@example.net",
    "Walter.Hale+roads@mail.example.co.uk",
    "o'hale@example.net",
    "<walter@example.net>",
    "mailto:walter@example.net",
    "walter @ example.net",
    "walter (at) example.net",
    "walter[at]example.net",
    "walter at example.net",
    "walter at gmail dot com",
    "wälter@müller.example",
    "walter＠example.net",
    "walter@gmail",
    "@walterhale",
    "@walter_hale.",
    "515-555-0147",
    "515 555 0147",
    "(515) 555-0147",
    "(515)555.0147",
    "5155550147",
    "1-515-555-0147",
    "+1 515 555 0147",
    "+1.515.555.0147 ext. 12",
    "515-555-0147x9",
    "555-0147",
    "tel.515-555-0147",
    "ph5155550147",
    "+49 151 2345 6789",
    "+44 (0)20 7946 0958",
]
PLAIN = [
    "Deep hole in the right lane of I-35 northbound at mile 120.5, 2 ft wide.",
    "US-69 @ Main Street, @ 13th",
    "41.587654, -93.624561",
    "On 2026-11-23 at 08:00, 300 feet before exit 111",
    "IR-26-7K3QXM, speed limit 45, pole 12345678",
    "Highway 141 2000 feet west of 190th St",
    "look at this, com on",
]


@pytest.mark.parametrize("secret", PRIVATE)
@pytest.mark.parametrize("around", ["{}", "Call me: {}, please", "Hole. {}\nThank you", "({})", "x {} y {}"])
def test_an_address_or_number_is_removed_wherever_it_stands(secret: str, around: str) -> None:
    shown = masked(around.replace("{}", secret))
    assert REMOVED in shown
    assert not any(part in shown.lower() for part in ("walter", "hale", "w.lter", "0147", "example", "gmail"))
    assert "2345" not in shown
    assert "7946" not in shown


@pytest.mark.parametrize("text", PLAIN)
def test_what_describes_the_road_stays(text: str) -> None:
    assert masked(text) == text


@given(st.text(alphabet="ab1 5@.-()+\n", max_size=60))
def test_masked_text_stays_as_it_is(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@given(
    st.text(max_size=40),
    st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@[a-z]{2,8}\.(com|net|org)", fullmatch=True),
    st.text(max_size=40),
)
def test_no_address_survives_any_surroundings(before: str, address: str, after: str) -> None:
    assert address not in masked(f"{before} {address} {after}")


@pytest.mark.parametrize(
    "text", ["a" * 4000, "a@" * 2000, "1 " * 2000, "1-" * 2000, "a at " * 800, "(" * 4000, "5" * 4000]
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    begun = time.perf_counter()
    masked(text)
    assert time.perf_counter() - begun < 0.2
