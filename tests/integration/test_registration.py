# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps that register themselves (RFC 7591), at the daemon's own port: what they may say, what people see, and that it is off unless it is on."""

import json
import pathlib
import re
from collections.abc import Iterator

import house as houses
import pytest
import raw
import requests
from house import House, Person
from oauth import REDIRECT_URI, App

GOOD = {"redirect_uris": [REDIRECT_URI], "client_name": "Bakery"}


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus, tenant="registration = open") as running:
        yield running


def register(house: House, body: object = GOOD, **changed: object) -> requests.Response:
    sent = {**body, **changed} if isinstance(body, dict) else body
    return requests.post(house.issuer + "/oauth/register", json=sent, timeout=20)


def app_of(house: House, **changed: object) -> App:
    answer = register(house, **changed)
    assert answer.status_code == 201, answer.text
    return App(house, answer.json()["client_id"], redirect_uri=answer.json()["redirect_uris"][0])


def test_an_app_registers_itself_and_signs_somebody_in(house: House, person: Person) -> None:
    answer = register(house)
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert told.pop("client_id_issued_at") > 1_700_000_000
    app = App(house, told.pop("client_id"))
    assert told == {
        "client_name": "Bakery",
        "redirect_uris": [REDIRECT_URI],
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": "openid profile.basic offline_access",
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "RS256",
    }
    assert app.refresh(app.tokens(person)["refresh_token"]).status_code == 200
    shown = house.ask("app", "show", app.client_id)
    assert shown["registered"] is True and shown["level"] == "unverified" and shown["name"] == "Bakery"


def test_all_that_was_registered_is_told(house: House) -> None:
    wanted = {
        "redirect_uris": ["com.example.app:/back", "https://app.example/back?a=b"],
        "application_type": "native",
        "scope": "openid",
        "id_token_signed_response_alg": "ES256",
        "post_logout_redirect_uris": ["https://app.example/out"],
        "backchannel_logout_uri": "https://app.example/logout",
        "policy_uri": "https://app.example/privacy#short",
        "tos_uri": "https://app.example/terms",
        "logo_uri": "https://app.example/logo.png",
    }
    told = register(house, {**wanted, "contacts": ["a@app.example"], "jwks_uri": "http://10.0.0.1/", "client_name": None, "made_up": {"a": [1]}}).json()
    assert {name: told[name] for name in wanted} == wanted
    assert told["client_name"] == "com.example.app" and not {"contacts", "jwks_uri", "made_up", "client_secret", "registration_access_token"} & set(told)


REFUSED = [
    ({"redirect_uris": None}, "invalid_redirect_uri"),
    ({"redirect_uris": []}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://app.example/#a"]}, "invalid_redirect_uri"),
    ({"redirect_uris": [REDIRECT_URI] * 33}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://app.example/" + "a" * 2048]}, "invalid_redirect_uri"),
    ({"redirect_uris": REDIRECT_URI}, "invalid_client_metadata"),
    ({"redirect_uris": [1]}, "invalid_client_metadata"),
    ({"client_name": 7}, "invalid_client_metadata"),
    ({"client_name": "a\u202eb"}, "invalid_client_metadata"),
    ({"client_name": "a" * 65}, "invalid_client_metadata"),
    ({"client_name": "Antara"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
    ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
    ({"grant_types": ["authorization_code", "password"]}, "invalid_client_metadata"),
    ({"response_types": ["code", "token"]}, "invalid_client_metadata"),
    ({"application_type": "cloud"}, "invalid_client_metadata"),
    ({"subject_type": "public"}, "invalid_client_metadata"),
    ({"scope": "openid hooks.manage"}, "invalid_client_metadata"),
    ({"backchannel_logout_uri": "http://app.example/"}, "invalid_client_metadata"),
    ({"policy_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
    ({"tos_uri": "http://app.example/"}, "invalid_client_metadata"),
    ({"logo_uri": "data:image/png;base64,AA"}, "invalid_client_metadata"),
    ({"software_statement": "e30.e30."}, "unapproved_software_statement"),
]


@pytest.mark.parametrize(("changed", "error"), REFUSED, ids=[f"{i}-{next(iter(row[0]))}" for i, row in enumerate(REFUSED)])
def test_what_can_be_no_app_is_refused(house: House, changed: dict[str, object], error: str) -> None:
    answer = register(house, **changed)
    assert answer.status_code == 400 and answer.json()["error"] == error and answer.json()["error_description"]
    assert set(answer.json()) == {"error", "error_description"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"a"', b'{"redirect_uris":["https://a.example/"],"redirect_uris":[]}', b"[" * 100])
def test_what_is_no_json_object_is_refused(house: House, body: bytes) -> None:
    answer = requests.post(house.issuer + "/oauth/register", data=body, headers={"Content-Type": "application/json"}, timeout=20)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_client_metadata"


def test_another_type_or_too_much_is_refused(house: House) -> None:
    url = house.issuer + "/oauth/register"
    assert requests.post(url, data=json.dumps(GOOD), headers={"Content-Type": "text/plain"}, timeout=20).status_code == 400
    head = f"POST /oauth/register HTTP/1.1\r\nHost: localhost:{house.port}\r\nContent-Length: 20000\r\n\r\n"
    assert raw.statuses(raw.ask(house.port, head.encode())) == [413]
    assert requests.get(url, timeout=20).status_code == 405
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    assert "Access-Control-Allow-Origin" not in requests.options(url, headers=preflight, timeout=20).headers
    assert "Access-Control-Allow-Origin" not in requests.post(url, json=GOOD, headers={"Origin": "https://app.example"}, timeout=20).headers


def size(css: str, selector: str) -> float:
    rule = re.search(rf"^{re.escape(selector)} {{[^}}]*?font-size: (?:clamp\()?([0-9.]+)rem", css, re.MULTILINE)
    assert rule, selector
    return float(rule.group(1))


def test_o16_people_see_the_host_largest_until_an_administrator_has_looked(house: House, person: Person) -> None:
    app = app_of(house, client_name="Savings Bank", redirect_uris=["https://evil.example/back"])
    first = person.get(app.authorize_url())
    assert "evil.example" in first.text and "Savings Bank" not in first.text
    page = person.sign_in(first)
    assert '<p class="host">evil.example</p>' in page.text and "“Savings Bank”" in page.text and "Unverified app" in page.text
    style = re.search(r'href="(/style\.css[^"]*)"', page.text)
    assert style
    css = person.get(style.group(1)).text
    assert size(css, ".host") > size(css, "h1")
    person.submit(page, button="approve")
    assert "Savings Bank (evil.example)" in person.get("/me").text

    house.ctl("app", "verify", app.client_id)
    page = person.get(app.authorize_url(prompt="consent"))
    assert 'class="host"' not in page.text and "Savings Bank asks you" in page.text and "Verified app" in page.text
    assert "Savings Bank (evil.example)" not in person.get("/me").text
    house.ctl("app", "verify", app.client_id, "--withdraw")
    assert '<p class="host">evil.example</p>' in person.get(app.authorize_url(prompt="consent")).text


def test_only_administrators_verify(house: House) -> None:
    app = app_of(house)
    assert house.ctl("app", "verify", app.client_id, user="nobody", check=False).returncode == 1
    assert house.ask("app", "show", app.client_id)["level"] == "unverified"


def test_o11_until_it_is_verified_it_begins_no_device_grant(house: House) -> None:
    app = app_of(house)
    answer = app.post("/oauth/device", client_id=app.client_id, scope="openid")
    assert answer.status_code == 400 and answer.json()["error"] == "unauthorized_client"
    house.ctl("app", "verify", app.client_id)
    assert app.post("/oauth/device", client_id=app.client_id, scope="openid").status_code == 200


def test_links_are_shown_as_text_and_nothing_is_loaded(house: House, person: Person) -> None:
    links = {name: f"https://app.example/{name}?<b>&'\"".replace("<b>", "b") for name in ("policy_uri", "tos_uri", "logo_uri")}
    page = person.sign_in(person.get(app_of(house, **links).authorize_url()))
    for name in links:
        assert f"https://app.example/{name}" in page.text
    assert not re.search(r'(href|src|srcset|action)="?https://app\.example', page.text) and "<img" not in page.text


def test_where_it_is_off_there_is_nothing(house: House, tmp_path: pathlib.Path) -> None:
    with houses.instead_of(house, tmp_path) as closed:
        answer = register(closed)
        assert answer.status_code == 404 and json.loads(closed.ctl("app", "list").stdout) == []
        assert "registration_endpoint" not in requests.get(closed.issuer + "/.well-known/openid-configuration", timeout=20).json()


def test_where_it_is_open_discovery_says_so(house: House) -> None:
    assert requests.get(house.issuer + "/.well-known/openid-configuration", timeout=20).json()["registration_endpoint"] == house.issuer + "/oauth/register"


def test_each_address_may_register_twenty_a_day(house: House, tmp_path: pathlib.Path) -> None:
    limits = " ".join(limit for limit in houses.LIMITS.split() if not limit.startswith("register_client"))
    with houses.instead_of(house, tmp_path, tenant="registration = open", limits=limits) as strict:
        for _ in range(20):
            assert register(strict).status_code == 201
        assert register(strict, scope="root").status_code == 400
        answer = register(strict)
        assert answer.status_code == 429 and 4000 < int(answer.headers["Retry-After"]) <= 86400 / 20
        assert answer.headers["RateLimit-Policy"].startswith('"register_client"')
        assert len(json.loads(strict.ctl("app", "list").stdout)) == 20


def test_a_removed_app_is_gone(house: House, person: Person) -> None:
    app = app_of(house)
    tokens = app.tokens(person)
    house.ctl("app", "remove", app.client_id)
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert person.get(app.authorize_url()).status_code == 400


def test_the_log_names_each_app_that_came_by_itself(house: House) -> None:
    """By its id, and by what it calls itself, cut: without a name that is its redirect URI's target, which may be long. What is refused is no app."""
    begun = len(house.log)
    register(house, {"redirect_uris": ["javascript:alert(1)"]})
    wide = {"redirect_uris": [f"com.{'a' * 300}.app:/back"], "application_type": "native"}
    told = [register(house, GOOD).json(), register(house, wide).json()]
    lines = [line for line in house.log[begun:].splitlines() if "(app-registered)" in line]
    assert [line.split("(app-registered) ")[1] for line in lines] == [
        f"APP={told[0]['client_id']} NAME=Bakery",
        f"APP={told[1]['client_id']} NAME=com.{'a' * 60}…",
    ]
