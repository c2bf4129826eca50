# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of the suite's plan for back-channel logout."""

from collections.abc import Iterator

import pytest
from backchannel import EVENT, Place, new_place, read_token, sign_out
from house import House, Person
from oauth import REDIRECT_URI
from relying_party import RelyingParty, discover


@pytest.fixture(scope="module")
def place(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with new_place(tmp_path_factory.mktemp("place"), bus) as running:
        yield running


@pytest.fixture(scope="module")
def house(place: Place) -> House:
    return place.house


def test_oidcc_backchannel_logout_discovery_endpoint_verification(house: House) -> None:
    metadata = discover(house)
    assert metadata["backchannel_logout_supported"] is True and metadata["backchannel_logout_session_supported"] is True
    assert metadata["end_session_endpoint"] == house.issuer + "/oauth/logout"


def test_oidcc_backchannel_rp_initiated_logout(place: Place, person: Person) -> None:
    uri = place.receiver.url("/logout")
    added = place.house.ask("app", "add", "Bakery", "--redirect-uri", REDIRECT_URI, "--backchannel-logout-uri", uri)
    client = RelyingParty(place.house, str(added["client_id"]))
    tokens, claims = client.flow(person)
    sign_out(person, f"/oauth/logout?id_token_hint={tokens['id_token']}")
    letter = place.wait("/logout")
    token = read_token(place.house, letter)
    assert {"iss", "aud", "iat", "exp", "jti", "events"} <= set(token) and "nonce" not in token
    assert token["events"] == {EVENT: {}}
    assert all(token[name] == claims[name] for name in ("iss", "aud", "sub", "sid"))
    assert isinstance(token["iat"], int) and abs(token["iat"] - letter.time) < 10
    assert client.again().ask(person, prompt="none")["error"] == "login_required"
