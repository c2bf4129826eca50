# SPDX-License-Identifier: GPL-3.0-or-later
"""Magic links as people, scanners and strangers meet them. Names begin with rows of the threat model."""

import re
import urllib.parse

import private_bus
import pytest
import requests
from house import ROOT, House, Person, new_house, wait_until


def signed_in(person: Person) -> bool:
    return person.email in person.get("/me").text


def test_a_link_signs_in_the_browser_that_asked(person: Person) -> None:
    person.sign_in()
    assert signed_in(person)


def test_a_code_signs_in_the_browser_that_asked(person: Person) -> None:
    person.sign_in(by_code=True)
    assert signed_in(person)


def test_m1_a_scanner_consumes_nothing(house: House, person: Person) -> None:
    person.submit(person.get("/login"), email=person.email)
    link = house.letter(person.email).link
    for _ in range(5):
        requests.head(link, timeout=20)
        assert requests.get(link, timeout=20).status_code in (200, 403)
    assert not signed_in(person)
    person.submit(person.get(link))
    assert signed_in(person)


def test_m2_a_foreign_browser_is_never_signed_in(house: House, person: Person) -> None:
    person.submit(person.get("/login"), email=person.email)
    letter = house.letter(person.email)
    stranger = Person(house, person.email)
    page = stranger.get(letter.link)
    assert "browser" in page.text
    token = letter.link.rsplit("/", 1)[1]
    stranger.post("/login/link", {"link": token, "token": token, "form_token": "x"})
    stranger.post("/login/code", {"code": letter.code, "form_token": "x"})
    assert not signed_in(stranger)
    person.submit(person.get(letter.link))
    assert signed_in(person)


def test_m4_a_used_link_says_so(house: House, person: Person) -> None:
    page = person.submit(person.get("/login"), email=person.email)
    letter = house.letter(person.email)
    person.submit(person.get(letter.link))
    again = person.get(letter.link)
    assert again.status_code == 410 and "used" in again.text and "/login" in again.text
    assert person.submit(page, code=letter.code).status_code >= 400


def test_m4_a_newer_link_ends_the_older_one(house: House, person: Person) -> None:
    person.submit(person.get("/login"), email=person.email)
    old = house.letter(person.email).link
    person.submit(person.get("/login"), email=person.email)
    new = house.letter(person.email).link
    page = person.get(old)
    assert page.status_code in (403, 410)
    assert not signed_in(person)
    person.submit(person.get(new))
    assert signed_in(person)


def test_five_wrong_codes_burn_the_login(house: House, person: Person) -> None:
    page = person.submit(person.get("/login"), email=person.email)
    letter = house.letter(person.email)
    wrong = f"{(int(letter.code) + 1) % 10**8:08d}"
    for _ in range(5):
        assert person.submit(page, code=wrong).status_code == 400
    person.submit(page, code=letter.code)
    assert not signed_in(person)


def test_m5_known_and_unknown_addresses_are_answered_alike(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("invited")
    with private_bus.private_bus(ROOT) as bus, new_house(folder, bus, sign_up="invited") as invited:
        invited.ctl("account", "add", "known@example.org")
        answers = []
        for email in ("known@example.org", "nobody@example.org"):
            person = Person(invited, email)
            answer = person.web.post(
                invited.issuer + "/login", data={"email": email}, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False, timeout=20
            )
            page = person.follow(answer)
            cookies = sorted((cookie.name, len(cookie.value or ""), cookie.path) for cookie in person.web.cookies)
            text = re.sub(r'value="[^"]*"', "", page.text)
            headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie")}
            answers.append((answer.status_code, headers, cookies, text, len(page.content)))
        assert answers[0] == answers[1]
        assert invited.letter("known@example.org").link
        status = wait_until(lambda: invited.ask("status").get("mail_waiting") in (0, None) or None)
        assert status and all("nobody" not in letter.to for letter in invited.mailbox.fresh())


def test_m6_links_are_built_from_the_issuer_alone(house: House, person: Person) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Sec-Fetch-Site": "same-origin"}
    person.web.post(house.issuer + "/login", data={"email": person.email}, headers=headers, timeout=20)
    assert house.letter(person.email).link.startswith(house.issuer + "/login/link/")


@pytest.mark.parametrize(
    "email", ["a@b@example.org", "a\r\nBcc: x@example.org", "a\u2028b@example.org", "a\u0085@example.org", "", "a" * 300 + "@example.org", "no-at"]
)
def test_m7_what_is_no_address_is_refused(house: House, person: Person, email: str) -> None:
    answer = person.post("/login", {"email": email})
    assert answer.status_code == 400


def test_m10_a_sign_in_gives_a_new_session_and_the_old_one_dies(house: House, person: Person) -> None:
    person.sign_in()
    old = Person(house, person.email)
    old.web.cookies.update(person.web.cookies)
    assert signed_in(old)
    person.sign_in()
    assert signed_in(person) and not signed_in(old)


def test_m10_cookies_are_http_only_lax_and_for_the_whole_site(house: House, person: Person) -> None:
    answer = person.web.post(
        house.issuer + "/login", data={"email": person.email}, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False, timeout=20
    )
    cookie = answer.headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert urllib.parse.urlsplit(answer.headers["Location"]).query == ""
