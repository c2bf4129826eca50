# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of the conformance suite that register a client of their own kind, by the registration endpoint that discovery names."""

from collections.abc import Iterator

import house as houses
import pytest
import requests
from house import House, Person
from oauth import REDIRECT_URI
from relying_party import RelyingParty, discover


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus, tenant="registration = open") as running:
        yield running


def register(house: House, **metadata: object) -> requests.Response:
    body = {"redirect_uris": [REDIRECT_URI], "client_name": "oidc-conformance", "token_endpoint_auth_method": "none", **metadata}
    return requests.post(str(discover(house)["registration_endpoint"]), json=body, timeout=20)


def shows_as_text(house: House, person: Person, name: str) -> None:
    """The person sees where it points before the consent; and no browser loads anything from there."""
    uri = f"https://app.example/{name}"
    answer = register(house, **{name: uri})
    assert answer.status_code == 201 and answer.json()[name] == uri
    client = RelyingParty(house, answer.json()["client_id"])
    page = person.sign_in(person.get(client.authorize_url()))
    assert f"<dd>{uri}</dd>" in page.text and page.text.count(uri) == 1
    assert "default-src 'none'" in page.headers["Content-Security-Policy"] and "app.example" not in page.headers["Content-Security-Policy"]
    client.read_id_token(client.trade(client.answer(client.go_on(person, page))["code"]), nonce="n-" + client.state)


def test_oidcc_registration_logo_uri(house: House, person: Person) -> None:
    shows_as_text(house, person, "logo_uri")


def test_oidcc_registration_policy_uri(house: House, person: Person) -> None:
    shows_as_text(house, person, "policy_uri")


def test_oidcc_registration_tos_uri(house: House, person: Person) -> None:
    shows_as_text(house, person, "tos_uri")


def test_oidcc_idtoken_unsigned(house: House) -> None:
    answer = register(house, id_token_signed_response_alg="none")
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_client_metadata"


def test_oidcc_redirect_uri_regfrag_by_registration(house: House) -> None:
    answer = register(house, redirect_uris=["https://app.example/callback#foobar"])
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_redirect_uri"


def test_the_document_names_the_endpoint_only_where_it_answers(house: House) -> None:
    assert register(house).status_code == 201
    for document in ("openid-configuration", "oauth-authorization-server"):
        assert discover(house, document)["registration_endpoint"] == house.issuer + "/oauth/register"
