# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: made by the tool, good for being exchanged and for nothing else; and what a backend learns of tokens."""

import re

import pytest
import requests
from house import ROOT, House, Person
from oauth import App

TIMEOUT = 20


def new_key(house: House, client_id: str, *words: str) -> dict[str, str]:
    return {name: str(value) for name, value in house.ask("key", "add", client_id, *words).items()}


def exchange(house: House, key: str) -> requests.Response:
    return requests.post(house.issuer + "/auth/token/exchange", json={"apiKey": key}, timeout=TIMEOUT)


def token_exchange(house: House, key: str, **more: str) -> requests.Response:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": key,
        "subject_token_type": "urn:antara:token-type:api-key",
        **more,
    }
    return requests.post(house.issuer + "/oauth/token", data=form, timeout=TIMEOUT)


def introspect(house: House, bearer: str, token: str) -> requests.Response:
    return requests.post(house.issuer + "/oauth/introspect", data={"token": token}, headers={"Authorization": f"Bearer {bearer}"}, timeout=TIMEOUT)


def test_a_key_is_shown_once_listed_by_its_prefix_and_exchanged(house: House) -> None:
    client_id = house.add_app("Keys")
    made = new_key(house, client_id, "--scope", "token.introspect", "--expires-in", "90d")
    assert made["secret"].startswith("antara_live_")

    answer = exchange(house, made["secret"])
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"accessToken", "tokenType", "expiresIn"}
    assert answer.json()["tokenType"] == "Bearer" and answer.json()["expiresIn"] == 300
    assert answer.headers["Cache-Control"] == "no-store"

    shown = house.ctl("key", "list", client_id).stdout
    assert made["secret"] not in shown and made["secret"][:18] in shown and made["id"] in shown
    assert made["secret"] not in house.log


def test_only_administrators_meet_keys(house: House) -> None:
    client_id = house.add_app("Keys")
    for words in (["add", client_id], ["list", client_id], ["revoke", client_id]):
        refused = house.ctl("key", *words, user="nobody", check=False)
        assert refused.returncode == 1 and "antara_live_" not in refused.stdout, words


def test_a_key_goes_through_token_exchange(house: House) -> None:
    client_id = house.add_app("Keys")
    secret = new_key(house, client_id)["secret"]

    answer = token_exchange(house, secret, client_id=client_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert answer.json()["token_type"] == "Bearer" and answer.json()["access_token"].startswith("aat_")
    assert token_exchange(house, secret).status_code == 200  # the key says whose it is


@pytest.mark.parametrize(
    "more, error",
    [
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": "x"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
        ({"client_id": "AAAAAAAAAAAAAAAAAAAAAA"}, "invalid_request"),
        ({"client_secret": "x"}, "invalid_client"),
    ],
)
def test_token_exchange_refuses(house: House, more: dict[str, str], error: str) -> None:
    secret = new_key(house, house.add_app("Keys"))["secret"]
    answer = token_exchange(house, secret, **more)
    assert answer.status_code == 400 and answer.json()["error"] == error, answer.text


def test_a_made_up_key_is_refused(house: House) -> None:
    secret = new_key(house, house.add_app("Keys"))["secret"]
    made_up = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    assert exchange(house, made_up).status_code == 401
    assert token_exchange(house, made_up).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "body, kind",
    [
        ('{"apiKey": 1}', "application/json"),
        ('{"apiKey": "a", "apiKey": "b"}', "application/json"),
        ("[" * 40, "application/json"),
        ('{"apiKey": "\\ud800"}', "application/json"),
        ("apiKey=a", "application/x-www-form-urlencoded"),
    ],
)
def test_G6_odd_json_is_refused(house: House, body: str, kind: str) -> None:
    answer = requests.post(house.issuer + "/auth/token/exchange", data=body, headers={"Content-Type": kind}, timeout=TIMEOUT)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request", answer.text


def test_a_revoked_key_ends_its_tokens_at_once(house: House) -> None:
    client_id = house.add_app("Keys")
    made = new_key(house, client_id)
    token = exchange(house, made["secret"]).json()["accessToken"]
    assert introspect(house, token, token).json()["active"] is True

    house.ctl("key", "revoke", made["id"])
    assert introspect(house, token, token).status_code == 401
    assert exchange(house, made["secret"]).status_code == 401
    assert house.ctl("key", "revoke", made["id"], check=False).returncode == 1


def routes() -> list[tuple[str, str]]:
    """Every row of the daemon's tables of routes."""
    row = re.compile(r'^    \{"(/[^"]*)", VERB_(GET|POST)', re.MULTILINE)
    found = [match for file in sorted((ROOT / "daemon/http").glob("*.c")) for match in row.findall(file.read_text())]
    assert len(found) > 20
    return [(verb, path) for path, verb in found]


def test_a_key_is_no_bearer_token_anywhere(house: House) -> None:
    """What an endpoint answers to a key as bearer token, it answers to a word that means nothing."""
    secret = new_key(house, house.add_app("Keys"), "--scope", "token.introspect", "--scope", "profile.basic")["secret"]

    def ask(verb: str, path: str, bearer: str) -> tuple[int, bytes]:
        form = {"token": bearer} if verb == "POST" else None
        answer = requests.request(
            verb,
            house.issuer + path.replace("*", "x"),
            data=form,
            headers={"Authorization": f"Bearer {bearer}"},
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        body = re.sub(rb'value="[^"]*"', b"", answer.content)  # form tokens differ each time
        return answer.status_code, body

    for verb, path in routes():
        assert ask(verb, path, secret) == ask(verb, path, "nothing"), (verb, path)


def test_introspection_tells_of_own_tokens_alone(house: House) -> None:
    alice = Person(house, "keys-alice@example.org")
    bakery, cafe = App(house, house.add_app("Bakery")), App(house, house.add_app("Cafe"))
    own, foreign = bakery.tokens(alice), cafe.tokens(alice)
    backend = exchange(house, new_key(house, bakery.client_id)["secret"]).json()["accessToken"]

    told = introspect(house, backend, own["access_token"]).json()
    assert told["active"] is True and told["client_id"] == bakery.client_id and told["token_type"] == "Bearer"
    assert told["sub"] == bakery.userinfo(own["access_token"]).json()["sub"]
    assert told["exp"] - told["iat"] == 300 and told["iss"] == house.issuer
    assert introspect(house, backend, own["refresh_token"]).json()["active"] is True

    silent = introspect(house, backend, "made up").content
    assert silent == b'{"active":false}'
    assert introspect(house, backend, foreign["access_token"]).content == silent
    assert introspect(house, backend, foreign["refresh_token"]).content == silent

    bakery.post("/oauth/revoke", client_id=bakery.client_id, token=own["refresh_token"])
    assert introspect(house, backend, own["access_token"]).content == silent


def test_introspection_wants_a_backend_with_the_scope(house: House) -> None:
    alice = Person(house, "keys-bob@example.org")
    bakery = App(house, house.add_app("Bakery"))
    own = bakery.tokens(alice)
    narrow = exchange(house, new_key(house, bakery.client_id, "--scope", "identity.read")["secret"]).json()["accessToken"]

    assert introspect(house, narrow, own["access_token"]).status_code == 403
    assert introspect(house, own["access_token"], own["access_token"]).status_code == 401
    nobody = requests.post(house.issuer + "/oauth/introspect", data={"token": own["access_token"]}, timeout=TIMEOUT)
    assert nobody.status_code == 401 and nobody.headers["WWW-Authenticate"].startswith("Bearer")
    asked = requests.post(
        house.issuer + "/oauth/introspect",
        data={"token": own["access_token"]},
        headers={"Authorization": f"Bearer {narrow}", "Origin": "https://app.example"},
        timeout=TIMEOUT,
    )
    assert not [name for name in asked.headers if name.lower().startswith("access-control-")]


def test_a_backend_gives_its_token_back(house: House) -> None:
    client_id = house.add_app("Keys")
    token = exchange(house, new_key(house, client_id)["secret"]).json()["accessToken"]
    other = house.add_app("Other")
    for revoker, status in ((other, 200), (client_id, 401)):
        requests.post(house.issuer + "/oauth/revoke", data={"client_id": revoker, "token": token}, timeout=TIMEOUT)
        assert introspect(house, token, token).status_code == status
