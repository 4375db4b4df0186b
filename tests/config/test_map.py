"""Maps: pictures from elsewhere only when the operator says so, and then only from there."""

import pytest

from config.env import Environment


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("", []),
        ("https://tile.example.org/{z}/{x}/{y}.png", ["https://tile.example.org"]),
        ("https://{s}.tile.example.org/{z}/{x}/{y}.png", ["https://*.tile.example.org"]),
        ("http://localhost:8080/{z}/{x}/{y}.png?key=1", ["http://localhost:8080"]),
    ],
)
def test_the_policy_names_the_host_of_the_tiles_and_no_other(url: str, hosts: list[str]) -> None:
    environment = Environment({"MAP_TILE_URL": url})
    assert environment.url("MAP_TILE_URL") == url
    assert environment.hosts_of(url) == hosts
    environment.check()
