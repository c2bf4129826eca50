# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints that apps call: parameters, metadata, keys. Names begin with rows of the threat model."""

import base64
import json
import urllib.parse

import pytest
import requests
from house import House, Person
from oauth import REDIRECT_URI, App

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", REDIRECT_URI))


def test_both_documents_say_the_same_and_each_endpoint_is_there(house: House) -> None:
    documents = [requests.get(house.issuer + "/.well-known/" + name, timeout=20).json() for name in ("openid-configuration", "oauth-authorization-server")]
    assert documents[0] == documents[1] and documents[0]["issuer"] == house.issuer
    for name, url in documents[0].items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert requests.get(url, timeout=20, allow_redirects=False).status_code in (200, 400, 401, 405), name


def test_without_a_contact_there_is_no_security_text(house: House) -> None:
    assert requests.get(house.issuer + "/.well-known/security.txt", timeout=20).status_code == 404


def test_the_published_key_is_named_in_the_id_token(house: House, app: App, person: Person) -> None:
    head = app.tokens(person)["id_token"].split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    keys = requests.get(house.issuer + "/oauth/jwks", timeout=20).json()["keys"]
    assert header["alg"] == "RS256" and header["kid"] in [key["kid"] for key in keys]
    numbers = {"RSA": {"n", "e"}, "EC": {"crv", "x", "y"}, "OKP": {"crv", "x"}}
    assert {key["kty"] for key in keys} == set(numbers)
    assert all(set(key) == {"kty", "use", "alg", "kid"} | numbers[key["kty"]] for key in keys)


@pytest.mark.parametrize("body", ["grant_type=authorization_code&grant_type=refresh_token", "grant_type=", "", "grant_type=authorization_code&client_id=x"])
def test_o13_what_is_double_or_missing_is_an_invalid_request(house: House, body: str) -> None:
    answer = requests.post(house.issuer + "/oauth/token", data=body, headers=FORM, timeout=20)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"


def test_o13_a_double_parameter_is_told_to_the_app_and_a_double_address_is_not(app: App, person: Person) -> None:
    assert app.answer(person.get(app.authorize_url() + "&scope=openid"))["error"] == "invalid_request"
    for name in ("client_id", "redirect_uri"):
        url = app.authorize_url() + "&" + urllib.parse.urlencode({name: app.parameters()[name]})
        page = person.get(url)
        assert page.status_code == 400 and "Location" not in page.headers


@pytest.mark.parametrize("state", ["a b&c=d", "é\u2028", "%20+", "x" * 1000])
def test_o13_state_is_echoed_byte_for_byte(app: App, person: Person, state: str) -> None:
    assert app.answer(person.get(app.authorize_url(state=state, prompt="none")))["state"] == state


@pytest.mark.parametrize(("name", "error"), [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")])
def test_o14_request_objects_are_refused(app: App, person: Person, name: str, error: str) -> None:
    assert app.answer(person.get(app.authorize_url(**{name: "https://app.example.org/x"})))["error"] == error


@pytest.mark.parametrize(
    "path",
    ["/oauth/token", "/oauth/revoke", "/oauth/device", "/oauth/consent", "/login/link", "/login/code", "/d/decide", "/me/sign-out", "/me/leave", "/me/unmute"],
)
def test_o17_what_changes_something_takes_post_alone(house: House, path: str) -> None:
    answer = requests.get(house.issuer + path, timeout=20, allow_redirects=False)
    assert answer.status_code == 405 and answer.headers["Allow"] == "POST"


def test_an_unknown_grant_type_is_named_so(house: House, app: App) -> None:
    answer = app.post("/oauth/token", grant_type="password", client_id=app.client_id)
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_secret_in_basic_is_refused_and_an_empty_one_is_none(house: House, app: App, person: Person) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": app.tokens(person)["refresh_token"]}
    refused = requests.post(house.issuer + "/oauth/token", data=form, auth=(app.client_id, "hunter2"), timeout=20)
    assert refused.json()["error"] == "invalid_client"
    assert requests.post(house.issuer + "/oauth/token", data=form, auth=(app.client_id, ""), timeout=20).status_code == 200


def test_userinfo_takes_the_token_in_the_form_but_not_twice(house: House, app: App, person: Person) -> None:
    token = app.tokens(person)["access_token"]
    url = house.issuer + "/oauth/userinfo"
    assert requests.post(url, data={"access_token": token}, timeout=20).json() == app.userinfo(token).json()
    twice = requests.post(url, data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert twice.status_code == 400 and twice.json()["error"] == "invalid_request"
    assert requests.get(url + "?access_token=" + token, timeout=20).status_code == 401


def test_userinfo_says_how_to_come_back(house: House) -> None:
    nothing = requests.get(house.issuer + "/oauth/userinfo", timeout=20)
    wrong = requests.get(house.issuer + "/oauth/userinfo", headers={"Authorization": "Bearer uat_x"}, timeout=20)
    assert nothing.status_code == wrong.status_code == 401
    assert nothing.headers["WWW-Authenticate"] == "Bearer"
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


def test_max_age_asks_for_auth_time(app: App, person: Person) -> None:
    answer = app.redeem(app.code(person, max_age="3600")).json()
    payload = answer["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert 0 <= claims["iat"] - claims["auth_time"] < 60


def test_a_kept_request_of_somebody_else_is_not_gone_on_with(person: Person) -> None:
    person.sign_in()
    assert person.get("/oauth/authorize?kept=" + "A" * 22).status_code == 403
    assert person.get("/oauth/authorize?kept=nonsense").status_code == 400


@pytest.mark.parametrize("body", ["a=b\r\nX: y", "a=b c", "a=<b>"])
def test_o7_a_posted_request_that_is_no_query_gets_no_redirect(house: House, body: str) -> None:
    answer = requests.post(house.issuer + "/oauth/authorize", data=body, headers=FORM, allow_redirects=False, timeout=20)
    assert answer.status_code == 400 and "Location" not in answer.headers


def test_o7_an_empty_posted_request_leads_to_our_own_page(house: House, person: Person) -> None:
    answer = requests.post(house.issuer + "/oauth/authorize", data="", headers=FORM, allow_redirects=False, timeout=20)
    assert answer.status_code == 303 and person.url(answer.headers["Location"]) == house.issuer + "/oauth/authorize"
    assert person.get(answer.headers["Location"]).status_code == 400
