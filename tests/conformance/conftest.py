# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the conformance modules: a client, in each response mode where the plans of the suite run their modules in each."""

import pytest
from house import House
from oauth import REDIRECT_URI
from relying_party import RelyingParty


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that asks for `mode` is run by two of the suite's plans: basic, and form post."""
    if "mode" in metafunc.fixturenames:
        metafunc.parametrize("mode", [None, "form_post"], ids=["basic", "form_post"])


@pytest.fixture
def client(house: House, mode: str | None) -> RelyingParty:
    return RelyingParty(house, house.add_app("Bakery", REDIRECT_URI), response_mode=mode)


@pytest.fixture
def client2(house: House) -> RelyingParty:
    return RelyingParty(house, house.add_app("Library", REDIRECT_URI))
