# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in by mail, at the daemon's own port. Names begin with rows of the threat model."""

import re
import urllib.parse

import pytest
import requests
from house import Forms, House, Person
from oauth import REDIRECT_URI, App


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", REDIRECT_URI))


def asked(person: Person) -> tuple[requests.Response, str, str]:
    """The waiting page, the link and the code of a fresh letter."""
    page = person.submit(person.get("/login"), email=person.email)
    letter = person.house.letter(person.email)
    return page, letter.link, letter.code


def is_signed_in(person: Person) -> bool:
    return person.email in person.get("/me").text


def form_token(page: requests.Response) -> str:
    return Forms(page.text).forms[0][1]["form_token"]


def test_the_code_signs_in_as_people_type_it(person: Person) -> None:
    page, _, code = asked(person)
    person.submit(page, code=f" {code[:4]} {code[4:]}")
    assert is_signed_in(person)


def test_m1_a_scanner_that_follows_the_link_consumes_nothing(house: House, person: Person) -> None:
    _, link, _ = asked(person)
    for _ in range(5):
        assert requests.get(link, timeout=20).status_code in (200, 403)
        assert requests.head(link, timeout=20).status_code in (200, 403)
    person.submit(person.get(link))
    assert is_signed_in(person)


def test_m2_another_browser_is_never_signed_in(house: House, person: Person) -> None:
    waiting, link, code = asked(person)
    other = Person(house, person.email)
    page = other.get(link)
    assert 'action="/login/link"' not in page.text and "another browser" in page.text
    token = urllib.parse.urlsplit(link).path.rsplit("/", 1)[1]
    for form in ({"link": token}, {"link": token, "form_token": form_token(waiting)}):
        assert other.post("/login/link", form).status_code == 403
    other.post("/login/code", {"code": code, "form_token": form_token(waiting)})
    assert not is_signed_in(other)
    person.submit(waiting, code=code)
    assert is_signed_in(person)


def test_m2_five_wrong_codes_end_the_login(person: Person) -> None:
    page, link, code = asked(person)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(4):
        page = person.submit(page, code=wrong)
        assert "not right" in page.text
    assert "too often" in person.submit(page, code=wrong).text
    assert 'name="link"' not in person.get(link).text
    assert not is_signed_in(person)


def test_m3_the_page_of_the_link_names_the_account(person: Person) -> None:
    _, link, _ = asked(person)
    assert person.email in person.get(link).text


def test_m4_a_used_link_says_so_and_offers_another(person: Person) -> None:
    _, link, _ = asked(person)
    page = person.get(link)
    person.submit(page)
    again = person.get(link)
    assert again.status_code == 410 and "used already" in again.text and 'name="email"' in again.text
    assert person.submit(page).status_code == 410


def test_m4_a_made_up_link_is_unknown(person: Person) -> None:
    page = person.get("/login/link/" + "A" * 64)
    assert page.status_code == 404 and 'name="email"' in page.text


def shape(answer: requests.Response) -> tuple[int, str, list[str], str]:
    headers = [name for name in answer.headers if name != "Date"]
    body = re.sub(r'value="[^"]*"|\d{4}-\d\d-\d\d \d\d:\d\d', "", answer.text)
    return answer.status_code, body, headers, re.sub(r"=[^;]*", "=", answer.headers.get("Set-Cookie", ""), count=1)


def test_m5_known_and_unknown_addresses_get_the_same_answer(house: House, person: Person) -> None:
    person.sign_in()
    shapes = []
    for email in (person.email, "never-seen@example.org"):
        web = requests.Session()
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": house.issuer}
        first = web.post(house.issuer + "/login", data={"email": email}, headers=headers, allow_redirects=False, timeout=20)
        second = web.get(house.issuer + "/login/check", timeout=20)
        shapes.append((shape(first), shape(second)))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("email", ["a\r\nBcc: b@example.org", "a@b\x85.example", "no-at-sign", "a@@example.org", "x" * 300 + "@example.org"])
def test_m7_m8_a_bad_address_is_refused_with_words(person: Person, email: str) -> None:
    answer = person.post("/login", {"email": email})
    assert answer.status_code == 400 and 'aria-invalid="true"' in answer.text


def test_signing_out_ends_this_session_alone(house: House, person: Person) -> None:
    person.sign_in()
    other = Person(house, person.email)
    other.sign_in()
    rows = [values for action, values in Forms(other.get("/me").text).forms if action == "/me/sign-out"]
    assert len(rows) == 2
    other.post("/me/sign-out", next(values for values in rows if "session" not in values))
    assert not is_signed_in(other)
    assert is_signed_in(person)


def test_another_session_can_be_signed_out_from_here(house: House, person: Person) -> None:
    person.sign_in()
    other = Person(house, person.email)
    other.sign_in()
    rows = [values for action, values in Forms(person.get("/me").text).forms if action == "/me/sign-out"]
    person.post("/me/sign-out", next(values for values in rows if "session" in values))
    assert not is_signed_in(other)
    assert is_signed_in(person)


def test_after_leaving_the_app_meets_somebody_new(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    slug = app.userinfo(tokens["access_token"]).json()["sub"]
    page = person.get("/me")
    assert slug in page.text
    values = next(values for action, values in Forms(page.text).forms if action == "/me/leave")
    assert slug not in person.post("/me/leave", values).text
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.userinfo(app.tokens(person)["access_token"]).json()["sub"] != slug


def test_signing_out_on_the_consent_page_keeps_the_request_for_another_account(house: House, app: App, person: Person) -> None:
    page = person.sign_in(person.get(app.authorize_url()))
    forms = Forms(page.text).forms
    form = next(values for action, values in forms if action == "/me/sign-out")
    again = person.post("/me/sign-out", form)
    assert 'name="email"' in again.text
    person.email = "second-" + person.email
    page = person.sign_in(again)
    assert person.email in page.text
    assert "code" in app.answer(person.submit(page, button="approve"))


def test_asking_for_another_mail_goes_on_with_the_app_that_waits(house: House, app: App, person: Person) -> None:
    waiting = person.submit(person.get(app.authorize_url()), email=person.email)
    first = house.letter(person.email)
    assert 'href="/login/again"' in waiting.text
    person.submit(person.get("/login/again"), email=person.email)
    second = house.letter(person.email)
    assert second.link != first.link
    page = person.submit(person.get(second.link))
    assert "code" in app.answer(person.submit(page, button="approve"))


def test_asking_for_another_mail_without_a_first_begins_anew(person: Person) -> None:
    page = person.get("/login/again")
    assert page.status_code == 200 and 'name="email"' in page.text and 'name="request"' not in page.text


def test_every_page_has_one_heading_a_language_and_no_script(house: House, app: App, person: Person) -> None:
    pages = [person.get("/login"), person.get("/d"), person.get("/D/WDJBMJHT"), person.get("/nowhere"), person.get("/login/link/x")]
    pages.append(person.sign_in(person.get(app.authorize_url())))
    pages.append(person.get("/me"))
    for page in pages:
        assert page.text.count("<h1>") == 1 and '<html lang="en">' in page.text, page.url
        assert "<script" not in page.text and " style=" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_style_sheet_is_kept_by_browsers(person: Person) -> None:
    path = re.search(r'href="(/style\.css[^"]*)"', person.get("/login").text)
    assert path
    answer = person.get(path.group(1))
    assert answer.headers["Content-Type"].startswith("text/css") and "immutable" in answer.headers["Cache-Control"]


def test_o6_a_browser_that_is_not_signed_in_decides_nothing(app: App, person: Person) -> None:
    waiting, _, _ = asked(person)
    request = Forms(person.get(app.authorize_url()).text).forms[0][1]["request"]
    form = {"form_token": form_token(waiting), "request": request, "decision": "approve"}
    page = person.post("/oauth/consent", form)
    assert page.status_code == 200 and 'name="email"' in page.text
    assert "code" in app.answer(person.submit(person.sign_in(page), button="approve"))
