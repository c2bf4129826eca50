# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailed link in another browser than the one that asked: the number, and "this wasn't me". Names begin with rows of the threat model."""

import re

import pytest
import requests
from house import Forms, House, Person

NUMBER = re.compile(r'<p class="bigcode">(\d\d)</p>')


@pytest.fixture
def phone(house: House, person: Person) -> Person:
    """The same person's other browser, where the mail is read."""
    return Person(house, person.email)


def ask(person: Person) -> tuple[requests.Response, str, str]:
    """The waiting page; link and code of the letter."""
    page = person.submit(person.get("/login"), email=person.email)
    letter = person.house.letter(person.email)
    return page, letter.link, letter.code


def press(browser: Person, page: requests.Response, action: str) -> requests.Response:
    """Sends the form of a page that has this action."""
    return browser.post(action, next(values for where, values in Forms(page.text).forms if where == action))


def draw(browser: Person, link: str) -> str:
    found = NUMBER.search(press(browser, browser.get(link), "/login/elsewhere").text)
    assert found
    return found[1]


def wrong(number: str) -> str:
    return f"{(int(number) + 1) % 100:02}"


def is_signed_in(person: Person) -> bool:
    return person.email in person.get("/me").text


def test_m2_a_number_of_another_browser_signs_in_the_one_that_asked(person: Person, phone: Person) -> None:
    waiting, link, _ = ask(person)
    number = draw(phone, link)
    assert not is_signed_in(person) and not is_signed_in(phone)
    person.submit(waiting, number=f" {number} ")
    assert is_signed_in(person) and not is_signed_in(phone)
    assert not phone.web.cookies  # nothing was given to it


def test_m2_a_number_is_taken_once(person: Person, phone: Person) -> None:
    waiting, link, _ = ask(person)
    number = draw(phone, link)
    person.submit(waiting, number=number)
    again = person.submit(waiting, number=number)
    assert again.status_code == 410 and "used already" in again.text
    assert phone.get(link).status_code == 410


def test_m2_there_is_no_number_before_the_other_browser_s_button(person: Person, phone: Person) -> None:
    waiting, link, code = ask(person)
    for _ in range(5):
        assert not NUMBER.search(phone.get(link).text)
        assert not NUMBER.search(phone.get("/login/elsewhere").text)
    assert person.submit(waiting, number="00").status_code == 410
    assert person.submit(waiting, code=code).status_code == 410
    assert not is_signed_in(person)


def test_m2_a_wrong_number_ends_the_login(person: Person, phone: Person) -> None:
    waiting, link, code = ask(person)
    number = draw(phone, link)
    page = person.submit(waiting, number=wrong(number))
    assert page.status_code == 410 and "number was wrong" in page.text and 'name="email"' in page.text
    assert person.submit(waiting, number=number).status_code == 410
    assert person.submit(waiting, code=code).status_code == 410
    assert person.get(link).status_code == 410 and phone.get(link).status_code == 410
    assert not is_signed_in(person)


def test_m2_a_number_is_good_in_no_other_browser(house: House, person: Person, phone: Person) -> None:
    waiting, link, _ = ask(person)
    mallory = Person(house, "mallory@example.org")
    her_page, _, _ = ask(mallory)
    number = draw(phone, link)
    assert mallory.submit(her_page, number=number).status_code == 410
    phone.submit(waiting, number=number)
    assert not is_signed_in(mallory) and not is_signed_in(phone)
    person.submit(waiting, number=number)
    assert is_signed_in(person)


@pytest.mark.parametrize("typed", ["", "7", "x1", "123", "1 2 3", "٤٢"])
def test_what_is_no_number_was_not_tried(person: Person, phone: Person, typed: str) -> None:
    waiting, link, _ = ask(person)
    number = draw(phone, link)
    page = person.submit(waiting, number=typed)
    assert page.status_code == 400 and "two digits" in page.text
    person.submit(page, number=number)
    assert is_signed_in(person)


def test_m2_the_newer_of_two_numbers_counts(person: Person, phone: Person) -> None:
    waiting, link, _ = ask(person)
    first = draw(phone, link)
    second = draw(phone, link)
    while second == first:
        second = draw(phone, link)
    person.submit(waiting, number=second)
    assert is_signed_in(person)


def test_m3_the_page_names_the_account_and_who_asked_in_any_browser(person: Person, phone: Person) -> None:
    person.web.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
    _, link, _ = ask(person)
    page = phone.get(link).text
    for word in (person.email, "127.0.0.1", "Firefox", "another browser"):
        assert word in page
    assert 'action="/login/link"' not in page


def test_this_was_not_me_ends_all_that_waits_for_the_address(house: House, person: Person, phone: Person) -> None:
    mallory = Person(house, person.email)
    her_page, her_link, her_code = ask(mallory)
    waiting, link, code = ask(person)
    number = draw(phone, link)
    said = press(phone, phone.get(her_link), "/login/disown")
    assert said.status_code == 200 and "was ended" in said.text
    for where in (link, her_link):
        page = phone.get(where)
        assert page.status_code == 410 and "not theirs" in page.text
    assert mallory.submit(her_page, code=her_code).status_code == 400
    assert person.submit(waiting, code=code).status_code == 400
    assert person.submit(waiting, number=number).status_code == 410
    assert not is_signed_in(mallory) and not is_signed_in(person) and not is_signed_in(phone)


def test_m5_whoever_asked_is_not_told_that_somebody_reads_the_mail(person: Person, phone: Person) -> None:
    waiting, link, _ = ask(person)
    before = person.get("/login/check")
    press(phone, phone.get(link), "/login/disown")
    after = person.get("/login/check")
    assert (after.status_code, after.text) == (before.status_code, before.text) and waiting.text == before.text


def test_in_the_browser_that_asked_the_page_of_the_link_disowns_as_well(person: Person) -> None:
    _, link, _ = ask(person)
    page = person.get(link)
    assert press(person, page, "/login/disown").status_code == 200
    assert press(person, page, "/login/link").status_code == 410
    assert not is_signed_in(person)


@pytest.mark.parametrize("path", ["/login/elsewhere", "/login/disown"])
def test_o6_another_site_presses_neither_button(person: Person, phone: Person, path: str) -> None:
    waiting, link, code = ask(person)
    form = next(values for where, values in Forms(phone.get(link).text).forms if where == path)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert phone.web.post(phone.url(path), data=form, headers=headers, timeout=20).status_code == 403
    assert phone.post(path, {"link": form["link"]}).status_code == 403
    assert phone.post(path, {"link": form["link"], "form_token": "made-up"}).status_code == 403
    assert phone.post(path, {}).status_code == 400
    person.submit(waiting, code=code)
    assert is_signed_in(person)


@pytest.mark.parametrize("path", ["/login/elsewhere", "/login/disown"])
def test_m4_a_made_up_link_is_unknown_to_both_buttons(person: Person, phone: Person, path: str) -> None:
    _, link, _ = ask(person)
    token = Forms(phone.get(link).text).forms[0][1]["form_token"]
    assert phone.post(path, {"link": "A" * 64, "form_token": token}).status_code == 404


def test_both_buttons_take_no_get(person: Person) -> None:
    for path in ("/login/elsewhere", "/login/disown", "/login/number"):
        assert person.get(path).status_code == 405
