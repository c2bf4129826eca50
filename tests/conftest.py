# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures that every suite shares: the bus once, a house per module."""

import pathlib
import sys
from collections.abc import Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import house as houses  # noqa: E402
import private_bus  # noqa: E402


@pytest.fixture(scope="session")
def bus() -> Iterator[str]:
    """Address of a private system bus with the real polkitd."""
    with private_bus.private_bus(houses.ROOT) as address:
        yield address


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[houses.House]:
    """A running Antara whose sign-up is open; shared by the tests of one module."""
    with houses.new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


@pytest.fixture
def person(house: houses.House, request: pytest.FixtureRequest) -> houses.Person:
    """Somebody new for each test."""
    name = "".join(letter for letter in request.node.name.lower() if letter.isalnum())[:40]
    return houses.Person(house, f"{name}@example.org")
