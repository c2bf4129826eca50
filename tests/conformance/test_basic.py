# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of the OpenID conformance suite's plans for response type code, basic and form post: one test each, under its name.

Public clients only, so each request has PKCE, and the modules about client secrets are left out. No claims but the subject are given.
"""

import dataclasses
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from house import House, Person, wait_until
from oauth import REDIRECT_URI
from relying_party import RelyingParty, unsigned

NO_CLAIMS = {"sub"}


@pytest.fixture(scope="module", autouse=True)
def spent_code(house: House) -> Iterator[tuple[RelyingParty, str, dict[str, str], float]]:
    """A code that the first test of this module finds spent; the module about 30 seconds stands last and so waits for little."""
    client = RelyingParty(house, house.add_app("Bakery", REDIRECT_URI))
    code = client.get_code(Person(house, "codereuse30@example.org"))
    yield client, code, client.trade(code), time.monotonic()


def test_oidcc_server(client: RelyingParty, person: Person) -> None:
    _, claims = client.flow(person)
    assert client.pages == ["sign-in", "consent"] and claims["acr"] in client.metadata["acr_values_supported"]


def test_oidcc_response_type_missing(client: RelyingParty, person: Person) -> None:
    assert client.ask(person, response_type=None)["error"] in ("unsupported_response_type", "invalid_request")
    assert not client.pages


def test_oidcc_idtoken_signature(client: RelyingParty, person: Person) -> None:
    tokens, _ = client.flow(person)
    head, body, signature = tokens["id_token"].split(".")
    forged = dict(tokens, id_token=f"{head}.{body}.{signature[:-8]}AAAAAAAA")
    with pytest.raises(Exception, match="bad_signature"):
        client.read_id_token(forged, nonce="n-" + client.state)


def test_oidcc_userinfo_get(client: RelyingParty, person: Person) -> None:
    tokens, claims = client.flow(person)
    answer = client.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/json" and answer.json() == {"sub": claims["sub"]}


def test_oidcc_userinfo_post_header(client: RelyingParty, person: Person) -> None:
    tokens, claims = client.flow(person)
    answer = requests.post(client.endpoint("userinfo_endpoint"), headers={"Authorization": "Bearer " + tokens["access_token"]}, timeout=20)
    assert answer.status_code == 200 and answer.json() == {"sub": claims["sub"]}


def test_oidcc_userinfo_post_body(client: RelyingParty, person: Person) -> None:
    tokens, claims = client.flow(person)
    answer = requests.post(client.endpoint("userinfo_endpoint"), data={"access_token": tokens["access_token"]}, timeout=20)
    assert answer.status_code == 200 and answer.json() == {"sub": claims["sub"]}


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(client: RelyingParty, person: Person) -> None:
    _, claims = client.flow(person, nonce=None)
    assert "nonce" not in claims


def scope_adds_nothing(client: RelyingParty, person: Person, scope: str) -> None:
    tokens, claims = client.flow(person, scope="openid " + scope)
    assert set(client.userinfo(tokens["access_token"]).json()) == NO_CLAIMS
    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "nonce", "acr", "amr", "sid", "at_hash"}
    assert tokens["scope"] == "openid"


def test_oidcc_scope_profile(client: RelyingParty, person: Person) -> None:
    scope_adds_nothing(client, person, "profile")


def test_oidcc_scope_email(client: RelyingParty, person: Person) -> None:
    scope_adds_nothing(client, person, "email")


def test_oidcc_scope_address(client: RelyingParty, person: Person) -> None:
    scope_adds_nothing(client, person, "address")


def test_oidcc_scope_phone(client: RelyingParty, person: Person) -> None:
    scope_adds_nothing(client, person, "phone")


def test_oidcc_scope_all(client: RelyingParty, person: Person) -> None:
    scope_adds_nothing(client, person, "profile email address phone")


def test_oidcc_alternate_happy_flow(client: RelyingParty, person: Person) -> None:
    """The parameters in the opposite order, openid as the last scope, and an app with a second redirect URI."""
    client.house.ctl("app", "set", client.client_id, "--redirect-uri", "https://app.example/a", "--redirect-uri", REDIRECT_URI)
    url = client.endpoint("authorization_endpoint") + "?"
    turned = dict(reversed(client.parameters(scope="email profile.basic openid").items()))
    page = client.go_on(person, person.get(requests.Request("GET", url, params=turned).prepare().url))
    tokens = client.trade(client.answer(page)["code"])
    assert client.read_id_token(tokens, nonce="n-" + client.state)["sub"] == client.userinfo(tokens["access_token"]).json()["sub"]


def test_oidcc_display_page(client: RelyingParty, person: Person) -> None:
    client.flow(person, display="page")


def test_oidcc_display_popup(client: RelyingParty, person: Person) -> None:
    client.flow(person, display="popup")


def test_oidcc_prompt_login(client: RelyingParty, person: Person) -> None:
    _, first = client.flow(person, max_age="15000")
    wait_until(lambda: time.time() >= int(str(first["auth_time"])) + 1)
    second = client.again()
    _, later = second.flow(person, prompt="login", max_age="15000")
    assert second.pages[0] == "sign-in" and later["sub"] == first["sub"]
    assert int(str(later["auth_time"])) > int(str(first["auth_time"]))


def test_oidcc_prompt_none_not_logged_in(client: RelyingParty, person: Person) -> None:
    assert client.ask(person, prompt="none")["error"] == "login_required"
    assert not client.pages


def test_oidcc_prompt_none_logged_in(client: RelyingParty, person: Person) -> None:
    _, first = client.flow(person, max_age="15000")
    silent = client.again()
    _, second = silent.flow(person, prompt="none", max_age="15000")
    assert not silent.pages and (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(client: RelyingParty, person: Person) -> None:
    _, first = client.flow(person, max_age="15000")
    wait_until(lambda: time.time() >= int(str(first["auth_time"])) + 3)
    second = client.again()
    _, later = second.flow(person, max_age="1")
    assert second.pages == ["sign-in"] and later["sub"] == first["sub"]
    assert int(str(first["auth_time"])) < int(str(later["auth_time"])) <= int(str(later["iat"]))
    third = client.again()
    wait_until(lambda: time.time() >= int(str(later["auth_time"])) + 3)
    assert third.ask(person, max_age="1", prompt="none")["error"] == "login_required"


def test_oidcc_max_age_10000(client: RelyingParty, person: Person) -> None:
    _, first = client.flow(person, max_age="10000")
    second = client.again()
    _, later = second.flow(person, max_age="10000")
    assert not second.pages and (later["sub"], later["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(client: RelyingParty, person: Person) -> None:
    client.flow(person, extra="foobar")


def test_oidcc_id_token_hint(client: RelyingParty, person: Person) -> None:
    tokens, first = client.flow(person)
    silent = client.again()
    _, second = silent.flow(person, prompt="none", id_token_hint=tokens["id_token"])
    assert not silent.pages and second["sub"] == first["sub"]


def test_oidcc_login_hint(client: RelyingParty, person: Person) -> None:
    page = person.get(client.authorize_url(login_hint=person.email))
    assert f'value="{person.email}"' in page.text
    client.trade(client.answer(client.go_on(person, page))["code"])


def test_oidcc_ui_locales(client: RelyingParty, person: Person) -> None:
    client.flow(person, ui_locales="se")


def test_oidcc_claims_locales(client: RelyingParty, person: Person) -> None:
    client.flow(person, claims_locales="se")


def test_oidcc_claims_essential(client: RelyingParty, person: Person) -> None:
    """What we don't have is left out, and is no error (OpenID Connect Core 5.5.1)."""
    wanted = {"userinfo": {"name": {"essential": True}}, "id_token": {"email": {"essential": True}}}
    tokens, claims = client.flow(person, claims=json.dumps(wanted))
    assert set(client.userinfo(tokens["access_token"]).json()) == NO_CLAIMS and "email" not in claims


def test_oidcc_ensure_request_with_acr_values_succeeds(client: RelyingParty, person: Person) -> None:
    _, claims = client.flow(person, acr_values="1 2")
    assert claims["acr"] in client.metadata["acr_values_supported"]


def test_oidcc_codereuse(client: RelyingParty, person: Person) -> None:
    code = client.get_code(person)
    client.trade(code)
    answer = client.redeem(code)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_oidcc_ensure_registered_redirect_uri(client: RelyingParty, person: Person) -> None:
    for uri in (client.redirect_uri + "/extra", "https://evil.example/callback"):
        page = person.get(client.authorize_url(redirect_uri=uri))
        assert page.status_code == 400 and "Location" not in page.headers and uri not in page.text


def test_oidcc_ensure_post_request_succeeds(client: RelyingParty, person: Person) -> None:
    """From the app's own page, so the browser says that it is another site's; before and after there is a session."""
    headers = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    for pages in (["sign-in", "consent"], []):
        request = client.again()
        answer = person.web.post(request.endpoint("authorization_endpoint"), data=request.parameters(), headers=headers, allow_redirects=False, timeout=20)
        page = request.go_on(person, person.follow(answer))
        request.read_id_token(request.trade(request.answer(page)["code"]), nonce="n-" + request.state)
        assert request.pages == pages


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(client: RelyingParty, person: Person) -> None:
    assert client.ask(person, request_uri="https://app.example/request.jwt")["error"] == "request_uri_not_supported"
    assert not client.pages


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(client: RelyingParty, person: Person) -> None:
    assert client.ask(person, request=unsigned(dict(client.parameters())))["error"] == "request_not_supported"
    assert not client.pages


def test_oidcc_ensure_request_object_with_redirect_uri(client: RelyingParty, person: Person) -> None:
    """A redirect URI in a request object that we don't read is none: beside no good one there is a page, and beside a good one the error."""
    request = unsigned(dict(client.parameters()))
    for uri in (None, "https://app.example/other"):
        page = person.get(client.authorize_url(request=request, redirect_uri=uri))
        assert page.status_code == 400 and "Location" not in page.headers
    inside = unsigned(dict(client.parameters(redirect_uri="https://app.example/other")))
    assert client.ask(person, request=inside)["error"] == "request_not_supported"


def test_oidcc_refresh_token(client: RelyingParty, client2: RelyingParty, person: Person) -> None:
    tokens, first = client.flow(person, scope="openid offline_access", prompt="consent", max_age="15000")
    client2.flow(person, scope="openid offline_access", prompt="consent")
    answer = client2.refresh(tokens["refresh_token"])
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    answer = client.refresh(tokens["refresh_token"])
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    fresh = dict(answer.json())
    assert fresh["access_token"] != tokens["access_token"] and fresh["refresh_token"] != tokens["refresh_token"]
    # OpenID Connect Core 12.2: an ID token that comes with it is of the same sign-in.
    claims = client.read_id_token(fresh, nonce=None)
    same = ("iss", "sub", "aud", "sid", "acr", "amr")
    assert [claims.get(name) for name in same] == [first.get(name) for name in same]
    assert claims.get("auth_time", first["auth_time"]) == first["auth_time"]
    assert client.userinfo(fresh["access_token"]).json()["sub"] == first["sub"]


def test_oidcc_ensure_request_with_valid_pkce_succeeds(client: RelyingParty, person: Person) -> None:
    client.flow(person)
    wrong = client.again()
    code = wrong.get_code(person)
    answer = dataclasses.replace(wrong, verifier=client.verifier).redeem(code)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_oidcc_codereuse_30seconds(spent_code: tuple[RelyingParty, str, dict[str, str], float]) -> None:
    client, code, tokens, since = spent_code
    wait_until(lambda: time.monotonic() > since + 30, 60)
    assert client.userinfo(tokens["access_token"]).status_code == 200
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: client.redeem(code), range(2)))
    assert {answer.json()["error"] for answer in answers} == {"invalid_grant"}
    assert client.userinfo(tokens["access_token"]).status_code == 401
