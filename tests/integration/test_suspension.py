# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl account suspend and resume: what a suspended person's browsers, apps and devices get, and what their administrator is told."""

import json
from collections.abc import Iterator

import pytest
import requests
from backchannel import Place, id_claims, new_place, read_token
from house import House, Person, wait_until
from oauth import REDIRECT_URI, App

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def place(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with new_place(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


@pytest.fixture
def house(place: Place) -> House:
    return place.house


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Shop", REDIRECT_URI))


def account_id(house: House, person: Person) -> str:
    return str(house.ask("account", "show", person.email)["id"])


def is_signed_in(person: Person) -> bool:
    return "/me/sign-out" in person.get("/me").text


def is_active(house: House, app: App, token: str) -> bool:
    key = house.ask("key", "add", app.client_id, "--scope", "token.introspect")["secret"]
    backend = requests.post(house.issuer + "/auth/token/exchange", json={"apiKey": key}, timeout=20).json()["accessToken"]
    bearer = {"Authorization": f"Bearer {backend}"}
    return bool(requests.post(house.issuer + "/oauth/introspect", data={"token": token}, headers=bearer, timeout=20).json()["active"])


def approved_device(app: App, person: Person) -> str:
    """The device code, which was approved and not yet asked for."""
    device = app.post("/oauth/device", client_id=app.client_id, scope="openid").json()
    page = person.submit(person.get("/d"), user_code=device["user_code"])
    assert "Approved" in person.submit(page, button="approve").text
    return str(device["device_code"])


def test_a_suspended_person_has_nothing_at_once(house: House, app: App, person: Person) -> None:
    tokens, other = app.tokens(person), Person(house, person.email)
    other.sign_in()
    device, code = approved_device(app, person), app.code(person)
    assert app.userinfo(tokens["access_token"]).status_code == 200 and is_active(house, app, tokens["access_token"])
    assert house.ask("account", "suspend", person.email) == {"id": account_id(house, person), "state": "suspended"}
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert not is_active(house, app, tokens["access_token"]) and not is_active(house, app, tokens["refresh_token"])
    assert app.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.redeem(code).json()["error"] == "invalid_grant"
    assert app.post("/oauth/token", grant_type=DEVICE_GRANT, client_id=app.client_id, device_code=device).json()["error"] == "access_denied"
    assert not is_signed_in(person) and not is_signed_in(other)
    wait_until(lambda: json.loads(house.ctl("session", "list", person.email).stdout) == [])


def test_a_link_that_waited_signs_a_suspended_person_in_no_more(house: House, person: Person) -> None:
    person.sign_in()
    late = Person(house, person.email)
    late.submit(late.get("/login"), email=person.email)
    link = house.letter(person.email).link
    house.ctl("account", "suspend", person.email)
    assert late.submit(late.get(link)).status_code == 404 and not is_signed_in(late)


def test_the_apps_that_want_to_know_are_told(place: Place, person: Person) -> None:
    uri = place.receiver.url("/suspended")
    added = place.house.ask("app", "add", "Bakery", "--redirect-uri", REDIRECT_URI, "--backchannel-logout-uri", uri)
    app = App(place.house, str(added["client_id"]))
    entered = id_claims(app.tokens(person)["id_token"])
    place.house.ctl("account", "suspend", person.email)
    told = read_token(place.house, place.wait("/suspended"))
    assert (told["sub"], told["sid"]) == (entered["sub"], entered["sid"])


def test_the_administrator_sees_it_and_the_log_says_who_did_it(house: House, person: Person) -> None:
    person.sign_in()
    account = account_id(house, person)
    begun = len(house.log)
    for _ in range(2):  # the second changes nothing, so nothing is told
        house.ctl("account", "suspend", account)
    assert house.ask("account", "show", account)["state"] == "suspended"
    said = [line for line in house.log[begun:].splitlines() if "account-changed" in line]
    assert len(said) == 1 and said[0].endswith(f"ACCOUNT={account} STATE=suspended UID=0"), said
    assert person.email not in said[0]


def test_while_it_is_going_on_nobody_is_resumed(house: House, person: Person) -> None:
    """A code of before may live for a minute; what is so already needs no wait."""
    person.sign_in()
    assert house.ask("account", "resume", person.email)["state"] == "active"
    house.ctl("account", "suspend", person.email)
    refused = house.ctl("account", "resume", person.email, check=False)
    assert refused.returncode == 1 and "still being ended" in refused.stderr + refused.stdout, refused
    assert house.ask("account", "show", person.email)["state"] == "suspended"


@pytest.mark.parametrize("verb", ["suspend", "resume"])
@pytest.mark.parametrize("name", ["AAAAAAAAAAAAAAAAAAAAAA", "nobody.at.all@example.org", "no id"])
def test_nobody_else_is_suspended_or_resumed(house: House, verb: str, name: str) -> None:
    assert house.ctl("account", verb, name, check=False).returncode == 1
    assert house.ctl("account", verb, check=False).returncode == 2


def test_b1_strangers_suspend_and_resume_nobody(house: House, person: Person) -> None:
    person.sign_in()
    for verb in ("suspend", "resume"):
        refused = house.ctl("account", verb, account_id(house, person), user="nobody", check=False)
        assert refused.returncode == 1 and "may not" in refused.stderr + refused.stdout
    assert is_signed_in(person)


def test_k1_after_a_crash_it_is_still_so_and_the_rest_follows(place: Place, person: Person, app: App) -> None:
    house = place.house
    tokens = app.tokens(person)
    house.ctl("account", "suspend", person.email)
    house.kill()
    house.start()
    assert app.userinfo(tokens["access_token"]).status_code == 401 and not is_signed_in(person)
    wait_until(lambda: json.loads(house.ctl("session", "list", person.email).stdout) == [])
