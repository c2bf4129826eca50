# SPDX-License-Identifier: GPL-3.0-or-later
"""200 texts that have one hash in GDBM, through each public input that may become a record's id: nothing fails, nothing is special.

tests/unit/store/test-collision.c shows that they are evil: as keys of a plain GDBM file they make it unwritable.
"""

import subprocess

import pytest
import requests
from house import House, Person
from oauth import App

IDS = 200


def colliding(number: int) -> str:
    """Bytes 24 places apart weigh the same in GDBM's hash: moving weight between them changes the text alone."""
    text = ["m"] * 48
    place = 0
    while number:
        number, digit = divmod(number, 8)
        text[place], text[place + 24] = chr(ord("m") - digit), chr(ord("m") + digit)
        place += 1
    return "".join(text)


ALL = [colliding(number) for number in range(IDS)]


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))


def busctl(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["busctl", f"--address={house.address}", "call", "org.antara1", "/org/antara1", "org.antara1.Manager", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_as_addresses(house: House, person: Person) -> None:
    for text in ALL:
        house.ctl("account", "add", f"{text}@example.org")
    page = person.get("/login")
    for text in ALL[:40]:
        assert person.submit(page, email=f"{text}@example.org").status_code == 200
    assert house.ask("account", "show", f"{ALL[-1]}@example.org")["email"] == f"{ALL[-1]}@example.org"


def test_as_names_of_services_and_local_users(house: House) -> None:
    for text in ALL:
        assert busctl(house, "EnableService", "ss", "", text).returncode == 0
        assert "no such local user" in busctl(house, "AddLink", "sssas", "", text, "a@example.org", "0").stderr
    listed = house.ctl("service", "list").stdout
    assert all(text in listed for text in ALL)


def test_as_tokens_codes_clients_and_cookies(house: House, app: App) -> None:
    web = requests.Session()
    for text in ALL:
        form = {"grant_type": "refresh_token", "client_id": app.client_id, "refresh_token": text}
        assert web.post(house.issuer + "/oauth/token", data=form, timeout=20).json()["error"] == "invalid_grant"
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": app.client_id, "device_code": text}
        assert web.post(house.issuer + "/oauth/token", data=form, timeout=20).status_code == 400
        assert web.get(house.issuer + "/oauth/userinfo", headers={"Authorization": f"Bearer {text}"}, timeout=20).status_code == 401
        assert web.get(house.issuer + "/oauth/authorize", params={"client_id": text}, timeout=20).status_code == 400
        assert web.get(house.issuer + "/me", headers={"Cookie": f"antara_session={text}"}, timeout=20, allow_redirects=False).status_code in (200, 303)
        assert busctl(house, "Explain", "ss", "", text).returncode == 1


def test_all_goes_on(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    assert house.ask("check")["done"] == "check"
    house.kill()
    house.start()
    assert app.userinfo(tokens["access_token"]).status_code == 200
