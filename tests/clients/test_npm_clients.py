# SPDX-License-Identifier: GPL-3.0-or-later
"""OAuth clients that others wrote, of npm: code, PAR, userinfo, refresh, introspection, revocation, device grant, logout."""

import json
import pathlib
import subprocess
from typing import Any

import pytest
import requests
from consent import approve, browse
from house import House, Person

HERE = pathlib.Path(__file__).resolve().parent
REDIRECT_URI = "http://127.0.0.1:9/callback"


def talk(app: subprocess.Popen[str], person: Person) -> dict[str, Any]:
    """Does what the app asks of the person, until it says what it got."""
    assert app.stdin and app.stdout and app.stderr
    for line in app.stdout:
        asked = json.loads(line)
        if "done" in asked:
            return dict(asked["done"])
        answer = browse(person, asked["open"]) if "open" in asked else approve(person, asked["approve"])
        app.stdin.write(answer + "\n")
        app.stdin.flush()
    raise AssertionError(app.stderr.read())


def backend_token(house: House, client_id: str) -> str:
    key = house.ask("key", "add", client_id, "--scope", "token.introspect")["secret"]
    return str(requests.post(house.issuer + "/auth/token/exchange", json={"apiKey": key}, timeout=20).json()["accessToken"])


@pytest.mark.parametrize("script, algorithm", [("openid-client.mjs", "RS256"), ("oauth4webapi.mjs", "ES256")])
def test_a_client_of_npm_does_all_that_an_app_can(house: House, person: Person, script: str, algorithm: str) -> None:
    client_id = house.add_app("Bakery", REDIRECT_URI)
    house.ctl("app", "set", client_id, "--id-token-alg", algorithm, "--post-logout-redirect-uri", REDIRECT_URI)
    command = ["node", script, house.issuer, client_id, REDIRECT_URI, backend_token(house, client_id)]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as app:
        got = talk(app, person)
    assert len(set(got["subjects"])) == 1 and got["subjects"][0]
    assert got["issuer"] == house.issuer and got["audience"] == client_id
    assert got["active"] is True and got["after"] == "refused"
    assert got["back"] == REDIRECT_URI + "?state=goodbye"
    assert 'name="email"' in person.get("/login").text, "signed out"
