# SPDX-License-Identifier: GPL-3.0-or-later
"""Cookies under https, and what a planted one is worth: row M10 of the threat model."""

from collections.abc import Iterator

import pytest
import requests
from house import Forms, House, Person, new_secure_house


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_secure_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


def cookies_of(answer: requests.Response) -> dict[str, str]:
    """Name and the whole line of each cookie that an answer sets."""
    return {line.split("=")[0]: line for line in answer.raw.headers.getlist("Set-Cookie")}


def send(person: Person, path: str, form: dict[str, str]) -> requests.Response:
    """Not followed, so that its own cookies are seen."""
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": person.house.issuer}
    return person.web.post(person.url(path), data=form, headers=headers, allow_redirects=False, timeout=20)


def is_signed_in(person: Person) -> bool:
    return person.email in person.get("/me").text


def test_m10_under_https_every_cookie_is_bound_to_its_host(house: House, person: Person) -> None:
    asked = send(person, "/login", {"email": person.email})
    page = person.get("/login/check")
    values = next(values for action, values in Forms(page.text).forms if action == "/login/code")
    signed_in = send(person, "/login/code", {**values, "code": house.letter(person.email).code})
    lines = {**cookies_of(asked), **cookies_of(signed_in)}
    assert len(lines) == 2
    for name, line in lines.items():
        words = {word.strip() for word in line.split(";")[1:]}
        assert name.startswith("__Host-") and {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= words, line
        assert "Domain" not in line


def test_m10_a_planted_session_becomes_nobody_s(house: House, person: Person) -> None:
    person.sign_in()
    (name,) = [cookie.name for cookie in person.web.cookies if "session" in cookie.name]
    mallory = Person(house, "mallory@example.org")
    mallory.sign_in()
    planted = mallory.web.cookies[name]
    for value in (planted, "A" * len(planted), "made-up"):
        victim = Person(house, person.email)
        victim.web.cookies.set(name, value, domain="localhost.local", path="/")
        victim.sign_in()
        assert victim.web.cookies[name] != value and is_signed_in(victim)
        holder = requests.get(house.issuer + "/me", headers={"Cookie": f"{name}={value}"}, timeout=20)
        assert person.email not in holder.text


def test_m10_a_planted_browser_cookie_signs_the_victim_in_as_herself_alone(house: House, person: Person) -> None:
    mallory = Person(house, "mallory@example.org")
    mallory.submit(mallory.get("/login"), email=person.email)
    victim = Person(house, person.email)
    victim.web.cookies.update(mallory.web.cookies)
    house.letter(person.email)
    waiting = victim.submit(victim.get("/login"), email=person.email)
    victim.submit(waiting, code=house.letter(person.email).code)
    assert is_signed_in(victim)
    assert person.email not in mallory.get("/login/check").text and not is_signed_in(Person(house, person.email))
    mallory.email = person.email
    assert not is_signed_in(mallory)


def test_m10_signing_in_again_ends_the_session_before(house: House, person: Person) -> None:
    person.sign_in()
    before = Person(house, person.email)
    before.web.cookies.update(person.web.cookies)
    assert is_signed_in(before)
    person.sign_in()
    assert is_signed_in(person) and not is_signed_in(before)
