# SPDX-License-Identifier: GPL-3.0-or-later
"""The authorization code flow and its refusals, at the daemon's own port. Names begin with rows of the threat model."""

import base64
import concurrent.futures
import json
import re
import secrets

import pytest
import requests
from house import House, Person
from oauth import REDIRECT_URI, App


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", REDIRECT_URI))


@pytest.fixture
def other(house: House) -> App:
    return App(house, house.add_app("Library", REDIRECT_URI))


def error(answer: requests.Response) -> str:
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["error"])


def claims(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def test_a_person_signs_in_and_the_app_learns_the_slug_alone(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    info = app.userinfo(tokens["access_token"])
    assert info.status_code == 200 and set(info.json()) == {"sub"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", info.json()["sub"])
    claimed = claims(tokens["id_token"])
    assert claimed["sub"] == info.json()["sub"] and claimed["nonce"] == "n-" + app.state
    assert set(claimed) == {"iss", "sub", "aud", "exp", "iat", "nonce", "acr", "amr", "sid", "at_hash"}
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 300


def test_o15_two_apps_see_two_slugs_the_same_at_each_sign_in(app: App, other: App, person: Person) -> None:
    first, second, again = app.tokens(person), other.tokens(person), app.tokens(person)
    slugs = [app.userinfo(tokens["access_token"]).json()["sub"] for tokens in (first, second, again)]
    assert slugs[0] == slugs[2] != slugs[1]
    assert claims(first["id_token"])["sid"] != claims(second["id_token"])["sid"]


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9/callbac", REDIRECT_URI + "/", REDIRECT_URI + "?a=b", "http://127.0.0.1.example.org:9/callback", None])
def test_o1_a_foreign_redirect_uri_gets_a_page(app: App, person: Person, uri: str | None) -> None:
    answer = person.get(app.authorize_url(redirect_uri=uri))
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert "text/html" in answer.headers["Content-Type"]


def test_o1_a_loopback_redirect_uri_matches_any_port(app: App, person: Person) -> None:
    app.redirect_uri = "http://127.0.0.1:4711/callback"
    assert app.userinfo(app.tokens(person)["access_token"]).status_code == 200


@pytest.mark.parametrize(
    "uri", ["http://example.org/", "javascript:alert(1)", "data:text/html,x", "https://a@example.org/", "https://example.org/#x", "/callback", "myapp:/x"]
)
def test_o1_what_is_not_registrable_is_refused(house: House, uri: str) -> None:
    refused = house.ctl("app", "add", "Bad", "--redirect-uri", uri, check=False)
    assert refused.returncode == 1 and "redirect" in refused.stderr.lower()


def test_o2_a_wrong_verifier_spends_the_code(app: App, person: Person) -> None:
    code = app.code(person)
    assert error(app.redeem(code, code_verifier=secrets.token_urlsafe(32))) == "invalid_grant"
    assert error(app.redeem(code)) == "invalid_grant"


@pytest.mark.parametrize(
    "changed", [{"code_challenge": None}, {"code_challenge_method": None}, {"code_challenge_method": "plain"}, {"code_challenge": "short"}]
)
def test_o3_without_s256_there_is_no_code(app: App, person: Person, changed: dict[str, str | None]) -> None:
    answer = app.answer(person.get(app.authorize_url(**changed)))
    assert answer["error"] == "invalid_request" and answer["state"] == app.state


def test_o4_each_answer_names_the_issuer(house: House, app: App, person: Person) -> None:
    assert app.answer(app.approve(person))["iss"] == house.issuer
    assert app.answer(person.get(app.authorize_url(response_type="token")))["iss"] == house.issuer


def test_o5_of_32_at_once_one_wins_and_a_reuse_ends_what_it_got(app: App, person: Person) -> None:
    code = app.code(person)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: app.redeem(code), range(32)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    assert {error(answer) for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    for tokens in won:
        assert app.userinfo(tokens["access_token"]).status_code == 401
        assert error(app.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_o5_a_second_use_with_a_wrong_verifier_ends_nothing(app: App, person: Person) -> None:
    code = app.code(person)
    tokens = app.redeem(code).json()
    assert error(app.redeem(code, code_verifier=secrets.token_urlsafe(32))) == "invalid_grant"
    assert app.userinfo(tokens["access_token"]).status_code == 200


def test_o6_a_cross_site_post_to_authorize_only_leads_to_our_get(house: House, app: App) -> None:
    headers = {"Origin": "https://app.example.org", "Sec-Fetch-Site": "cross-site"}
    answer = requests.post(house.issuer + "/oauth/authorize", data=app.parameters(), headers=headers, allow_redirects=False, timeout=20)
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    assert answer.headers["Location"].startswith(("/oauth/authorize?", house.issuer + "/oauth/authorize?"))


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}])
def test_o6_our_forms_take_no_foreign_posts(house: House, person: Person, headers: dict[str, str]) -> None:
    person.sign_in()
    answer = person.web.post(house.issuer + "/me/sign-out", data={}, headers=headers, allow_redirects=False, timeout=20)
    assert answer.status_code == 403
    assert "Sign out" in person.get("/me").text


def test_o6_a_form_without_its_token_changes_nothing(house: House, person: Person) -> None:
    person.sign_in()
    answer = person.post("/me/sign-out", {"form_token": "made-up"})
    assert answer.status_code == 403
    assert "Sign out" in person.get("/me").text


def test_o6_pages_are_not_framable_and_name_the_account(app: App, person: Person) -> None:
    page = person.sign_in(person.get(app.authorize_url()))
    assert person.email in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_o9_a_reused_refresh_token_ends_the_chain(app: App, person: Person) -> None:
    first = app.tokens(person)
    second = app.refresh(first["refresh_token"]).json()
    assert app.userinfo(second["access_token"]).status_code == 200
    assert error(app.refresh(first["refresh_token"])) == "invalid_grant"
    for token in (first["access_token"], second["access_token"]):
        assert app.userinfo(token).status_code == 401
    assert error(app.refresh(second["refresh_token"])) == "invalid_grant"


def test_o9_a_made_up_token_of_a_live_handle_changes_nothing(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    real = base64.urlsafe_b64decode(tokens["refresh_token"].removeprefix("urt_") + "==")
    made_up = "urt_" + base64.urlsafe_b64encode(real[:16] + secrets.token_bytes(32)).rstrip(b"=").decode()
    assert len(made_up) == len(tokens["refresh_token"])
    assert error(app.refresh(made_up)) == "invalid_grant"
    assert app.userinfo(tokens["access_token"]).status_code == 200
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_o9_scope_may_narrow_and_widen_again_but_not_beyond(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    narrow = app.refresh(tokens["refresh_token"], scope="openid").json()
    assert narrow["scope"] == "openid"
    wide = app.refresh(narrow["refresh_token"]).json()
    assert set(wide["scope"].split()) == {"openid", "offline_access"}
    assert error(app.refresh(wide["refresh_token"], scope="openid profile.basic")) == "invalid_scope"


def test_o12_codes_and_tokens_of_another_app_are_refused(app: App, other: App, person: Person) -> None:
    other.verifier = app.verifier
    assert error(other.redeem(app.code(person))) == "invalid_grant"
    tokens = app.tokens(person)
    assert error(other.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_o12_a_service_is_no_client(house: House, person: Person) -> None:
    rows = json.loads(house.ctl("service", "list").stdout)
    assert [row["name"] for row in rows] == ["demo"]
    for row in rows:
        for name in ("id", "app"):
            if name in row:
                assert person.get(App(house, str(row[name])).authorize_url()).status_code == 400


def test_a_client_secret_is_refused_with_a_clear_error(app: App, person: Person) -> None:
    code = app.code(person)
    assert error(app.redeem(code, client_secret="hunter2")) == "invalid_client"


def test_revocation_of_a_refresh_token_ends_the_chain(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    assert app.post("/oauth/revoke", client_id=app.client_id, token=tokens["refresh_token"]).status_code == 200
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert error(app.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_revocation_of_an_access_token_ends_it_alone(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    assert app.post("/oauth/revoke", client_id=app.client_id, token=tokens["access_token"]).status_code == 200
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_declining_tells_the_app(app: App, person: Person) -> None:
    page = person.sign_in(person.get(app.authorize_url()))
    assert app.answer(person.submit(page, button="decline"))["error"] == "access_denied"


def test_prompt_none_shows_no_page(app: App, person: Person) -> None:
    assert app.answer(person.get(app.authorize_url(prompt="none")))["error"] == "login_required"
    person.sign_in()
    assert app.answer(person.get(app.authorize_url(prompt="none")))["error"] == "consent_required"
    app.code(person)
    assert "code" in app.answer(person.get(app.authorize_url(prompt="none")))


def test_after_sigkill_nothing_answered_is_lost(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    for _ in range(3):
        spent, tokens = tokens, app.refresh(tokens["refresh_token"]).json()
        house.kill()
        house.start()
        assert app.userinfo(tokens["access_token"]).status_code == 200
        assert person.email in person.get("/me").text
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    assert error(app.refresh(spent["refresh_token"])) == "invalid_grant"


def test_o8_no_token_stands_in_the_log(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    code = app.code(person)
    for secret in (code, tokens["access_token"], tokens["refresh_token"], person.email):
        assert secret not in house.log
