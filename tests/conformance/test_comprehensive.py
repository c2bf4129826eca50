# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of the OpenID conformance suite's comprehensive plan that its basic plan does not have: redirect URIs, and keys."""

import urllib.parse

import pytest
import requests
from house import House, Person
from oauth import REDIRECT_URI
from relying_party import RelyingParty, jose_header


@pytest.fixture
def client(house: House) -> RelyingParty:
    return RelyingParty(house, house.add_app("Bakery", REDIRECT_URI))


def gets_a_page(answer: requests.Response) -> bool:
    return answer.status_code == 400 and "Location" not in answer.headers and answer.headers["Content-Type"].startswith("text/html")


def test_oidcc_ensure_redirect_uri_in_authorization_request(client: RelyingParty, person: Person) -> None:
    assert gets_a_page(person.get(client.authorize_url(redirect_uri=None)))


def test_oidcc_redirect_uri_query_OK(house: House, person: Person) -> None:
    uri = "https://app.example/callback?foo=bar"
    client = RelyingParty(house, house.add_app("Bakery", uri), redirect_uri=uri)
    page = client.go_on(person, person.get(client.authorize_url()))
    assert page.headers["Location"].startswith(uri + "&")
    answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.headers["Location"]).query))
    assert answer["foo"] == "bar"
    client.read_id_token(client.trade(answer["code"]), nonce="n-" + client.state)


def test_oidcc_redirect_uri_query_added(house: House, person: Person) -> None:
    client = RelyingParty(house, house.add_app("Bakery", "https://app.example/callback"))
    assert gets_a_page(person.get(client.authorize_url(redirect_uri="https://app.example/callback?foo=bar")))


def test_oidcc_redirect_uri_query_mismatch(house: House, person: Person) -> None:
    client = RelyingParty(house, house.add_app("Bakery", "https://app.example/callback?foo=bar"))
    for uri in ("https://app.example/callback?bar=foo", "https://app.example/callback?foo=bar&bar=foo", "https://app.example/callback"):
        assert gets_a_page(person.get(client.authorize_url(redirect_uri=uri))), uri


def test_oidcc_redirect_uri_regfrag(house: House) -> None:
    refused = house.ctl("app", "add", "Bakery", "--redirect-uri", "https://app.example/callback#foobar", check=False)
    assert refused.returncode == 1 and "fragment" in refused.stderr


def test_oidcc_server_rotate_keys(client: RelyingParty, person: Person) -> None:
    tokens, _ = client.flow(person)
    before = {key["kid"] for key in client.keys()}
    client.house.ask("signing-key", "rotate")
    after = {key["kid"] for key in client.keys()}
    # What was signed can still be verified, and all that is new is under new keys.
    assert before < after
    client.read_id_token(tokens, nonce="n-" + client.state)
    second, _ = client.again().flow(person)
    assert jose_header(second["id_token"])["kid"] in after - before
