# SPDX-License-Identifier: GPL-3.0-or-later
"""RP-initiated logout at the daemon's own port: who is signed in is asked, and nobody is sent to where no app lives."""

import base64
import json
import urllib.parse

import pytest
import requests
from house import Forms, House, Person
from oauth import REDIRECT_URI, App

AFTER = "https://bakery.example/after?a=b"


def add_app(house: House, name: str, *words: str) -> App:
    return App(house, str(house.ask("app", "add", name, "--redirect-uri", REDIRECT_URI, *words)["client_id"]))


@pytest.fixture
def app(house: House) -> App:
    return add_app(house, "Bakery", "--post-logout-redirect-uri", AFTER)


@pytest.fixture
def other(house: House) -> App:
    return add_app(house, "Library")


def logout_url(**parameters: str) -> str:
    return "/oauth/logout?" + urllib.parse.urlencode(parameters)


def is_signed_in(person: Person) -> bool:
    return person.email in person.get("/me").text


def is_question(page: requests.Response) -> bool:
    return page.status_code == 200 and "/oauth/logout/confirm" in [action for action, _ in Forms(page.text).forms]


def say_yes(person: Person, question: requests.Response) -> requests.Response:
    assert is_question(question), question.text
    return person.submit(question, request=next(values["request"] for _, values in Forms(question.text).forms))


def refused(person: Person, page: requests.Response) -> None:
    assert page.status_code == 400 and "Location" not in page.headers and not is_question(page)
    assert "text/html" in page.headers["Content-Type"]
    assert is_signed_in(person)


def test_a_yes_signs_out_and_goes_back_with_the_state(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    url = logout_url(id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER, state="s&t u", ui_locales="de", logout_hint="x")
    question = person.get(url)
    assert "Bakery" in question.text and person.email in question.text and "bakery.example" in question.text
    assert "form-action 'self' https:" in question.headers["Content-Security-Policy"]
    done = say_yes(person, question)
    assert done.status_code == 303 and done.headers["Location"] == AFTER + "&state=s%26t%20u"
    assert "Max-Age=0" in done.headers["Set-Cookie"]
    assert not is_signed_in(person)


def test_signing_out_ends_what_has_no_offline_access(app: App, other: App, person: Person) -> None:
    offline = app.tokens(person)
    online = other.redeem(other.code(person, scope="openid")).json()
    say_yes(person, person.get("/oauth/logout"))
    assert other.userinfo(online["access_token"]).status_code == 401
    assert other.refresh(online["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.userinfo(offline["access_token"]).status_code == 200
    assert app.refresh(offline["refresh_token"]).status_code == 200


def test_a_post_of_another_site_goes_on_as_our_get(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    form = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER}
    headers = {"Origin": "https://bakery.example", "Sec-Fetch-Site": "cross-site"}
    answer = requests.post(house.issuer + "/oauth/logout", data=form, headers=headers, allow_redirects=False, timeout=20)
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    assert answer.headers["Location"].startswith("/oauth/logout?")
    assert say_yes(person, person.get(answer.headers["Location"])).headers["Location"] == AFTER


def test_where_nobody_is_signed_in_there_is_no_question(app: App, person: Person) -> None:
    there = person.get(logout_url(client_id=app.client_id, post_logout_redirect_uri=AFTER, state="s"))
    assert there.status_code == 303 and there.headers["Location"] == AFTER + "&state=s"
    page = person.get(logout_url(client_id=app.client_id, state="s"))
    assert page.status_code == 200 and not Forms(page.text).forms


def test_o18_a_hint_alone_signs_nobody_out(house: House, app: App, person: Person) -> None:
    token = app.tokens(person)["id_token"]
    assert is_question(person.get(logout_url(id_token_hint=token)))
    assert is_signed_in(person)
    elsewhere = Person(house, person.email)
    assert elsewhere.get(logout_url(id_token_hint=token)).status_code == 200
    assert not is_signed_in(elsewhere) and is_signed_in(person)


@pytest.mark.parametrize(
    "uri", ["https://bakery.example/after", AFTER + "&c=d", "https://evil.example/", "//evil.example", "javascript:alert(1)", REDIRECT_URI]
)
def test_o18_an_address_that_is_not_registered_gets_a_page(app: App, person: Person, uri: str) -> None:
    token = app.tokens(person)["id_token"]
    refused(person, person.get(logout_url(id_token_hint=token, post_logout_redirect_uri=uri)))
    refused(person, person.get(logout_url(client_id=app.client_id, post_logout_redirect_uri=uri)))


def test_o18_an_address_of_another_app_or_of_nobody_gets_a_page(app: App, other: App, person: Person) -> None:
    token = other.tokens(person)["id_token"]
    refused(person, person.get(logout_url(id_token_hint=token, post_logout_redirect_uri=AFTER)))
    refused(person, person.get(logout_url(id_token_hint=token, client_id=app.client_id, post_logout_redirect_uri=AFTER)))
    refused(person, person.get(logout_url(post_logout_redirect_uri=AFTER)))


def forged(token: str) -> list[str]:
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "A" * 22}).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return ["made up", token + "A", f"{head}.{changed}.{signature}", f"{unsigned}.{payload}.", f"{head}.{payload}."]


def test_o18_a_forged_hint_gets_a_page(app: App, person: Person) -> None:
    for hint in forged(app.tokens(person)["id_token"]):
        refused(person, person.get(logout_url(id_token_hint=hint, post_logout_redirect_uri=AFTER)))


def test_o18_the_question_takes_no_foreign_answer(house: House, app: App, person: Person) -> None:
    question = person.get(logout_url(id_token_hint=app.tokens(person)["id_token"]))
    form = dict(Forms(question.text).forms[0][1])
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = person.web.post(house.issuer + "/oauth/logout/confirm", data=form, headers=foreign, allow_redirects=False, timeout=20)
    assert answer.status_code == 403
    assert person.post("/oauth/logout/confirm", {**form, "form_token": "made-up"}).status_code == 403
    assert person.post("/oauth/logout/confirm", {**form, "request": "made-up"}).status_code == 403
    assert is_signed_in(person)


def test_a_parameter_that_comes_twice_gets_a_page(app: App, person: Person) -> None:
    person.sign_in()
    refused(person, person.get(logout_url(client_id=app.client_id) + "&state=a&state=b"))


def test_signing_out_everywhere_ends_all_sessions(house: House, app: App, person: Person) -> None:
    """Each browser signs in, and one of them ends all; the button is there when there are several."""
    tokens = app.redeem(app.code(person, scope="openid")).json()
    assert "/me/sign-out-everywhere" not in person.get("/me").text
    others = [Person(house, person.email) for _ in range(4)]
    for other in others:
        other.sign_in()
    form = next(values for action, values in Forms(person.get("/me").text).forms if action == "/me/sign-out-everywhere")
    assert others[0].post("/me/sign-out-everywhere", form).status_code == 403, "it is the form of another session"
    assert person.post("/me/sign-out-everywhere", form).status_code == 200
    assert not any(is_signed_in(one) for one in (person, *others))
    assert app.userinfo(tokens["access_token"]).status_code == 401
