# SPDX-License-Identifier: GPL-3.0-or-later
"""The device grant of an app and its page (RFC 8628). Names begin with rows of the threat model."""

import pytest
import requests
from house import Forms, House, Person
from oauth import REDIRECT_URI, App

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Television", REDIRECT_URI))


def opened(app: App) -> dict[str, str]:
    answer = app.post("/oauth/device", client_id=app.client_id, scope="openid")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def poll(app: App, device: dict[str, str]) -> requests.Response:
    return app.post("/oauth/token", grant_type=DEVICE_GRANT, client_id=app.client_id, device_code=device["device_code"])


def approval_page(person: Person, code: str) -> requests.Response:
    return person.submit(person.get("/d"), user_code=code)


def test_an_approved_device_gets_tokens_once(app: App, person: Person) -> None:
    device = opened(app)
    person.sign_in()
    page = approval_page(person, device["user_code"].lower().replace("-", " "))
    assert "Television" in page.text and person.email in page.text
    assert "Approved" in person.submit(page, button="approve").text
    tokens = poll(app, device).json()
    assert app.userinfo(tokens["access_token"]).status_code == 200
    assert poll(app, device).json()["error"] in ("invalid_grant", "expired_token")


def test_a_declined_device_is_told(app: App, person: Person) -> None:
    device = opened(app)
    person.sign_in()
    assert "Declined" in person.submit(approval_page(person, device["user_code"]), button="decline").text
    assert poll(app, device).json()["error"] == "access_denied"


def test_o11_a_page_opened_with_the_code_asks_first_and_reads_nothing(app: App, person: Person) -> None:
    device = opened(app)
    person.sign_in()
    page = person.get(device["verification_uri_complete"])
    assert device["user_code"] in page.text and "Television" not in page.text
    assert [action for action, _ in Forms(page.text).forms] == ["/d"]
    assert "Television" in person.submit(page).text


def test_o11_signed_out_the_code_waits_for_the_sign_in(app: App, person: Person) -> None:
    device = opened(app)
    page = person.submit(person.get(device["verification_uri_complete"]))
    confirm = person.sign_in(page)
    assert device["user_code"] in confirm.text
    assert "Television" in person.submit(confirm).text


def test_o11_a_wrong_code_and_an_unreadable_one_are_answered_alike(person: Person) -> None:
    person.sign_in()
    pages = [approval_page(person, code) for code in ("BCDF-GHJK", "not a code")]
    assert [page.status_code for page in pages] == [400, 400]
    assert pages[0].text == pages[1].text


def test_o11_get_decides_nothing(app: App, person: Person) -> None:
    device = opened(app)
    person.sign_in()
    approval_page(person, device["user_code"])
    assert person.get("/d/decide?decision=approve&user_code=" + device["user_code"]).status_code == 405
    assert poll(app, device).json()["error"] == "authorization_pending"


def test_o6_a_decision_without_the_form_token_is_refused(app: App, person: Person) -> None:
    device = opened(app)
    person.sign_in()
    answer = person.post("/d/decide", {"user_code": device["user_code"], "decision": "approve"})
    assert answer.status_code == 403
    assert poll(app, device).json()["error"] == "authorization_pending"


def test_the_two_buttons_of_a_decision_are_equal(app: App, person: Person) -> None:
    person.sign_in()
    page = approval_page(person, opened(app)["user_code"])
    assert page.text.count('<button type="submit" name="decision"') == 2
    assert "primary" not in page.text


def test_an_unknown_client_gets_no_code(house: House, app: App) -> None:
    answer = app.post("/oauth/device", client_id="made-up")
    assert answer.status_code in (400, 401) and answer.json()["error"] == "invalid_client"
