# SPDX-License-Identifier: GPL-3.0-or-later
"""What each attack on OAuth must meet, tried from outside, where no other file has it. Names begin with rows of the threat model."""

import concurrent.futures
import pathlib
import random
import re
import secrets
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator

import house as houses
import pytest
import raw
import requests
from house import Forms, House, Person
from oauth import REDIRECT_URI, App, base64url

KILLS = 25
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", REDIRECT_URI))


@pytest.fixture
def other(house: House) -> App:
    return App(house, house.add_app("Library", REDIRECT_URI))


def error(answer: requests.Response) -> str:
    assert answer.status_code in (400, 401) and answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["error"])


# --- O2, O3 ---


def test_o2_a_code_is_bound_to_its_redirect_uri_and_its_own_challenge(house: House, person: Person) -> None:
    app = App(house, house.add_app("Bakery", REDIRECT_URI, "https://app.example/back"))
    code = app.code(person)
    assert error(app.redeem(code, redirect_uri="https://app.example/back")) == "invalid_grant"
    assert error(app.redeem(code)) == "invalid_grant"
    attacker = App(house, app.client_id)
    mine, theirs = attacker.code(person), app.code(person)
    assert error(attacker.redeem(theirs)) == "invalid_grant"
    assert attacker.redeem(mine).status_code == 200


def test_o3_no_way_to_ask_and_no_setting_does_without_s256(house: House, app: App) -> None:
    for changed in ({"code_challenge": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": None}):
        assert error(app.post("/oauth/par", **app.parameters(**changed))) == "invalid_request"
    helped = house.ctl("app", "set", "--help", as_json=False, check=False).stdout + house.ctl("app", "add", "--help", as_json=False, check=False).stdout
    assert "--redirect-uri" in helped and not re.search("pkce|challenge", helped, re.IGNORECASE)


# --- O7, O8 ---


class Walker(Person):
    """Remembers each answer on the way."""

    def follow(self, answer: requests.Response) -> requests.Response:
        self.seen: list[requests.Response] = getattr(self, "seen", [])
        self.seen.append(answer)
        while answer.status_code == 303 and self.url(answer.headers["Location"]).startswith(self.house.issuer + "/"):
            answer = self.web.get(self.url(answer.headers["Location"]), allow_redirects=False, timeout=20)
            self.seen.append(answer)
        return answer


def test_o7_every_redirect_is_303_and_stays_here_but_for_the_registered_uri(house: House, app: App, person: Person) -> None:
    walker = Walker(house, person.email)
    app.code(walker)
    moved = [answer for answer in walker.seen if 300 <= answer.status_code < 400]
    assert len(moved) >= 3 and {answer.status_code for answer in moved} == {303}
    for answer in moved[:-1]:
        assert walker.url(answer.headers["Location"]).startswith(house.issuer + "/")
        assert "://" not in urllib.parse.urlsplit(answer.headers["Location"]).query
    assert moved[-1].headers["Location"].startswith(REDIRECT_URI + "?")


@pytest.mark.parametrize("name", ["return_to", "next", "redirect", "redirect_uri", "continue", "url", "kept", "request"])
def test_o7_no_parameter_says_where_to_go_after_a_sign_in(house: House, person: Person, name: str) -> None:
    away = urllib.parse.urlencode({name: "https://evil.example/"})
    page = person.get("/login?" + away)
    assert "evil.example" not in page.text
    waiting = person.submit(page, email=person.email)
    link = house.letter(person.email).link
    values = Forms(person.get(link).text).forms[0][1]
    end = person.web.post(
        house.issuer + "/login/link?" + away,
        data={**values, name: "https://evil.example/"},
        headers={"Origin": house.issuer},
        allow_redirects=False,
        timeout=20,
    )
    assert "evil.example" not in end.headers.get("Location", "") and "evil.example" not in waiting.text


def test_o8_pages_load_nothing_foreign_and_tell_no_referrer(house: House, app: App, person: Person) -> None:
    walker = Walker(house, person.email)
    app.code(walker)
    walker.get("/me")
    walker.get("/d")
    pages = [answer for answer in walker.seen if answer.headers.get("Content-Type", "").startswith("text/html")]
    assert len(pages) >= 5
    for page in pages:
        assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
        loaded = re.findall(r"(?:src|srcset|href|poster|data)=[\"']([^\"']*)", page.text)
        assert loaded and all(target.startswith("/") and not target.startswith("//") for target in loaded), loaded


def test_o8_the_log_names_routes_and_not_what_stands_in_urls(house: House, tmp_path: pathlib.Path) -> None:
    with houses.instead_of(house, tmp_path, options=("--debug",)) as house:
        person = Person(house, "o8@example.org")
        app = App(house, house.add_app("Bakery", REDIRECT_URI))
        waiting = person.submit(person.get(app.authorize_url()), email=person.email)
        letter = house.letter(person.email)
        page = person.submit(person.get(letter.link))
        code = app.answer(person.submit(page, button="approve"))["code"]
        tokens = app.redeem(code).json()
        device = app.post("/oauth/device", client_id=app.client_id, scope="openid").json()
        person.get(device["verification_uri_complete"])
        slug = app.userinfo(tokens["access_token"]).json()["sub"]
        assert waiting.status_code == 200 and "/login/link/" in house.log, "requests are not logged at all"
        user_code = device["user_code"]
        said = [letter.link.rsplit("/", 1)[1], letter.code, code, tokens["access_token"], tokens["refresh_token"], device["device_code"]]
        said += [user_code, user_code.replace("-", ""), app.state, app.verifier, person.email, slug, *person.web.cookies.values()]
        assert [secret for secret in said if secret in house.log] == []


# --- O9, O10 ---


def test_o9_of_16_refreshes_at_once_never_two_leaves_live(app: App, person: Person) -> None:
    tokens = app.tokens(person)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: app.refresh(tokens["refresh_token"]), range(16)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) <= 1 and {error(answer) for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    # Fifteen of them were a reuse: so nothing of the chain is good any more.
    for got in [tokens, *won]:
        assert app.userinfo(got["access_token"]).status_code == 401
        assert error(app.refresh(got["refresh_token"])) == "invalid_grant"


def test_o10_killed_while_refreshing_what_was_answered_works_and_never_two(house: House, app: App, person: Person) -> None:
    answered = 0
    for _ in range(KILLS):
        tokens = app.tokens(person)
        got: list[requests.Response] = []

        def refresh(token: str = tokens["refresh_token"], got: list[requests.Response] = got) -> None:
            try:
                got.append(app.refresh(token))
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                pass

        asking = threading.Thread(target=refresh)
        asking.start()
        time.sleep(random.uniform(0, 0.02))  # the moment is random; nothing waits for it
        house.kill()
        asking.join()
        house.start()
        if got:
            answered += 1
            assert got[0].status_code == 200, got[0].text
            assert app.userinfo(got[0].json()["access_token"]).status_code == 200
            assert app.refresh(got[0].json()["refresh_token"]).status_code == 200
            assert error(app.refresh(tokens["refresh_token"])) == "invalid_grant"
        else:
            # Not done: the old one works. Done, and not told: it is spent, and its return ends the chain.
            again = app.refresh(tokens["refresh_token"])
            assert again.status_code == 200 or error(again) == "invalid_grant"
            assert app.userinfo(tokens["access_token"]).status_code == again.status_code + (1 if again.status_code == 400 else 0)
    assert answered > 0


# --- O11 ---


def test_o11_a_user_code_is_short_safe_and_read_as_people_type_it(app: App, person: Person) -> None:
    person.sign_in()
    for change in (str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.lower().replace('-', ' ')} "):
        device = app.post("/oauth/device", client_id=app.client_id, scope="openid").json()
        assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", device["user_code"])
        page = person.submit(person.get("/d"), user_code=change(device["user_code"]))
        assert device["user_code"] in page.text
        # App, trust, time and place, and for whom.
        for words in ("Bakery", "Unverified app", "Asked at", "Request came from", "127.0.0.1", person.email):
            assert words in page.text, words


# --- O12 ---


@pytest.fixture
def two_tenants(house: House, tmp_path: pathlib.Path) -> Iterator[tuple[House, House]]:
    """One antarad; the same house seen through the issuer of either tenant."""
    port = houses.free_port()
    more = f"[tenant second]\nissuer = http://127.0.0.1:{port}\nsign_up = open\nlimits = {houses.LIMITS}"
    first = House(tmp_path, house.address, port, services="", tenant=more)
    assert house.stop() == 0
    first.start()
    try:
        yield first, Second(tmp_path, house.address, port)
    finally:
        assert first.stop() == 0
        house.start()


class Second(House):
    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add_app(self, name: str = "Bakery", *redirect_uris: str) -> str:
        return str(self.ask("--tenant", "second", "app", "add", name, "--redirect-uri", redirect_uris[0])["client_id"])


def test_o12_nothing_of_one_tenant_is_good_at_another(two_tenants: tuple[House, House]) -> None:
    first, second = two_tenants
    person = Person(first, "o12@example.org")
    app = App(first, str(first.ask("--tenant", "test", "app", "add", "Bakery", "--redirect-uri", REDIRECT_URI)["client_id"]))
    same = App(second, app.client_id, verifier=app.verifier)
    there = App(second, second.add_app("Bakery", REDIRECT_URI), verifier=app.verifier)
    code, tokens = app.code(person), app.tokens(person)
    for wrong in (same, there):
        assert wrong.redeem(code).json()["error"] in ("invalid_grant", "invalid_client")
        assert wrong.refresh(tokens["refresh_token"]).json()["error"] in ("invalid_grant", "invalid_client")
        assert wrong.userinfo(tokens["access_token"]).status_code == 401
        wrong.post("/oauth/revoke", client_id=wrong.client_id, token=tokens["refresh_token"])
        assert Person(second, "x@example.org").get(same.authorize_url()).status_code == 400
    cookies = {cookie.name: str(cookie.value) for cookie in person.web.cookies}
    assert cookies and 'name="email"' in requests.get(second.issuer + "/me", cookies=cookies, timeout=20).text
    assert app.redeem(code).status_code == 200 and app.refresh(tokens["refresh_token"]).status_code == 200


def test_o12_unknown_and_foreign_ids_are_answered_alike(app: App, other: App, person: Person) -> None:
    """Byte for byte: an app learns of no other's codes and tokens, nor that they are there."""
    foreign, tokens = other.code(person), other.tokens(person)
    made_up = base64url(secrets.token_bytes(48))
    pairs = [
        (app.redeem(foreign), app.redeem(foreign[:-48] + made_up[:48])),
        (app.refresh(tokens["refresh_token"]), app.refresh("urt_" + made_up)),
        (
            app.post("/oauth/revoke", client_id=app.client_id, token=tokens["access_token"]),
            app.post("/oauth/revoke", client_id=app.client_id, token="uat_" + made_up),
        ),
    ]
    for real, nothing in pairs:
        assert (real.status_code, real.content) == (nothing.status_code, nothing.content)
        names = [sorted(name for name in answer.headers if name not in ("Date", "RateLimit")) for answer in (real, nothing)]
        assert names[0] == names[1]
    assert other.refresh(tokens["refresh_token"]).status_code == 200
    host = person.get(app.authorize_url(client_id="A" * 22)).text
    assert host == person.get(app.authorize_url(client_id="no such thing")).text


# --- O13, O14 ---


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"state": "x" * 2049}, "invalid_request"),
        ({"nonce": "x" * 513}, "invalid_request"),
        ({"scope": "openid " + "a" * 65}, "invalid_scope"),
        ({"scope": " ".join(f"s{number}" for number in range(33))}, "invalid_scope"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1e3"}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
    ],
    ids=["state", "nonce", "scope", "scopes", "negative", "number", "challenge"],
)
def test_o13_what_is_too_long_or_no_number_is_told_to_the_app(app: App, person: Person, changed: dict[str, str], wanted: str) -> None:
    location = person.get(app.authorize_url(**changed)).headers["Location"]
    assert dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))["error"] == wanted


def test_o13_an_empty_parameter_is_as_if_absent_and_an_unknown_one_is_ignored(app: App, person: Person) -> None:
    app.code(person)
    empty = {"prompt": "", "max_age": "", "id_token_hint": "", "request": "", "request_uri": "", "response_mode": "", "nonce": "", "resource": ""}
    code = app.answer(person.get(app.authorize_url(**empty, made_up="1")))["code"]
    assert app.redeem(code, client_secret="", client_assertion="", scope="", resource="", made_up="1").status_code == 200
    assert app.answer(person.get(app.authorize_url(state="")))["code"]
    for name in ("response_type", "code_challenge", "code_challenge_method"):
        assert app.answer(person.get(app.authorize_url(**{name: ""})))["error"] == "invalid_request"


def test_o14_nothing_that_a_stranger_names_is_fetched(house: House, tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bait, houses.instead_of(house, tmp_path, tenant="registration = open") as open_house:
        url = f"http://127.0.0.1:{bait.getsockname()[1]}/x"
        names = ("jwks_uri", "sector_identifier_uri", "client_uri", "initiate_login_uri")
        safe = url.replace("http:", "https:")
        metadata = {"redirect_uris": [REDIRECT_URI], **dict.fromkeys(names, url), **dict.fromkeys(("logo_uri", "policy_uri", "tos_uri"), safe)}
        made = requests.post(open_house.issuer + "/oauth/register", json={**metadata, "request_uris": [url]}, timeout=20)
        assert made.status_code == 201
        app, person = App(open_house, made.json()["client_id"]), Person(open_house, "o14@example.org")
        app.code(person)
        for name in ("request_uri", "request", "registration", "claims"):
            person.get(app.authorize_url(**{name: url}))
            app.post("/oauth/par", **app.parameters(**{name: url}))
        app.post("/oauth/token", grant_type="refresh_token", refresh_token=url, client_id=url)
        # All was answered, so whatever was to be fetched on the way was asked for.
        bait.settimeout(1)
        with pytest.raises(TimeoutError):
            bait.accept()
        socket.create_connection(bait.getsockname()).close()
        bait.accept()[0].close()  # whoever had come would have been seen


# --- O16, O17 ---


@pytest.mark.parametrize("name", ["a\u202eb", "a\u200bb", "a\x07b", "Antara", "4ntara", "Sup\u0440ort", "SYSTEM", "..."], ids=ascii)
def test_o16_a_name_that_deceives_is_refused(house: House, name: str) -> None:
    refused = house.ctl("app", "add", name, "--redirect-uri", REDIRECT_URI, check=False)
    assert refused.returncode == 1 and "name" in refused.stderr


def test_o16_the_consent_page_shows_the_level_and_no_remote_image(app: App, person: Person) -> None:
    page = person.sign_in(person.get(app.authorize_url()))
    assert "Unverified app" in page.text and "<img" not in page.text and "url(" not in page.text
    policy = dict((part.split()[0], part.split()[1:]) for part in page.headers["Content-Security-Policy"].split(";") if part.strip())
    assert policy["default-src"] == ["'none'"] and set(policy.get("img-src", [])) <= {"'self'"}


def test_o17_the_token_endpoint_takes_a_posted_form_alone(house: House, app: App, person: Person) -> None:
    url = house.issuer + "/oauth/token"
    form = {"grant_type": "refresh_token", "client_id": app.client_id, "refresh_token": app.tokens(person)["refresh_token"]}
    for verb in ("GET", "PUT", "DELETE", "PATCH"):
        answer = requests.request(verb, url, params=form, timeout=20)
        assert answer.status_code == 405 and answer.headers["Allow"] == "POST"
    assert error(requests.post(url, params=form, timeout=20)) == "invalid_request"
    assert error(requests.post(url, files={name: (None, value) for name, value in form.items()}, timeout=20)) == "invalid_request"
    assert error(requests.post(url, data=urllib.parse.urlencode(form), headers={"Content-Type": "text/plain"}, timeout=20)) == "invalid_request"
    assert app.post("/oauth/token", **form).status_code == 200


def test_o17_errors_have_the_rfcs_characters_and_are_never_kept(house: House, app: App) -> None:
    evil = '"\\\r\n<script>é\u2028'
    bodies = [
        {"grant_type": evil},
        {"grant_type": "authorization_code", "code": evil, "client_id": evil},
        {"grant_type": "refresh_token"},
        {"client_secret": evil},
    ]
    bodies += [{"grant_type": "refresh_token", "refresh_token": evil, "client_id": app.client_id, "scope": evil}]
    for path in ("/oauth/token", "/oauth/par", "/oauth/device", "/oauth/revoke"):
        for body in bodies:
            answer = requests.post(house.issuer + path, data=body, timeout=20)
            assert answer.status_code == 400 and answer.headers["Cache-Control"] == "no-store" and answer.headers["Content-Type"] == "application/json"
            for text in answer.json().values():
                assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", text), text


def test_o17_a_form_that_is_too_large_is_refused(house: House) -> None:
    """By its length alone: it is answered before the client has sent any of it."""
    head = f"POST /oauth/token HTTP/1.1\r\nHost: localhost:{house.port}\r\nContent-Type: {FORM['Content-Type']}\r\nContent-Length: 20000\r\n\r\n"
    assert raw.statuses(raw.ask(house.port, head.encode())) == [413]
    assert requests.get(house.issuer + "/healthz", timeout=20).status_code == 200
