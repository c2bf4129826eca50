# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorization requests in all their forms: pushed, answered by a form, with a hint, for a resource; and the keys that sign ID tokens."""

import base64
import hashlib
import html
import json
import re
import urllib.parse
from collections.abc import Iterator

import house as houses
import pytest
import requests
from authlib.jose import JsonWebKey, jwt
from authlib.jose.errors import JoseError
from house import Forms, House, Person
from oauth import REDIRECT_URI, App

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", REDIRECT_URI))


def claims(app: App, id_token: str) -> dict[str, object]:
    """As an app reads them: by the keys of the JWKS, whatever the algorithm."""
    keys = JsonWebKey.import_key_set(requests.get(app.house.issuer + "/oauth/jwks", timeout=20).json())
    read = jwt.decode(id_token, keys)
    read.validate()
    assert read["iss"] == app.house.issuer and read["aud"] == app.client_id
    return dict(read)


def header(id_token: str) -> dict[str, str]:
    return dict(json.loads(base64.urlsafe_b64decode(id_token.split(".")[0] + "==")))


# --- ID tokens ---


@pytest.mark.parametrize("alg,digest", [("RS256", "sha256"), ("ES256", "sha256"), ("EdDSA", "sha512")])
def test_an_app_chooses_the_algorithm_of_its_id_tokens(house: House, person: Person, alg: str, digest: str) -> None:
    app = App(house, str(house.ask("app", "add", "Bakery", "--redirect-uri", REDIRECT_URI, "--id-token-alg", alg)["client_id"]))
    tokens = app.tokens(person)
    assert header(tokens["id_token"])["alg"] == alg
    half = hashlib.new(digest, tokens["access_token"].encode()).digest()
    assert claims(app, tokens["id_token"])["at_hash"] == base64.urlsafe_b64encode(half[: len(half) // 2]).rstrip(b"=").decode()


def test_an_unknown_algorithm_is_refused(house: House, app: App) -> None:
    for alg in ("none", "HS256", "rs256"):
        assert "RS256, ES256 or EdDSA" in house.ctl("app", "set", app.client_id, "--id-token-alg", alg, check=False).stderr


def test_rotated_keys_overlap_and_compromised_ones_go(house: House, app: App, person: Person) -> None:
    old = app.tokens(person)["id_token"]
    assert house.ask("signing-key", "rotate")["done"] == "signing"
    new = app.tokens(person)["id_token"]
    assert header(new)["kid"] != header(old)["kid"]
    assert claims(app, old)["sub"] == claims(app, new)["sub"]

    house.stop()
    house.start()
    assert claims(app, old)["sub"] == claims(app, new)["sub"]
    house.ask("signing-key", "rotate", "--compromised")
    for token in (old, new):
        with pytest.raises((ValueError, JoseError)):
            claims(app, token)
    assert len(requests.get(house.issuer + "/oauth/jwks", timeout=20).json()["keys"]) == 3


# --- form_post ---


def posted(app: App, page: requests.Response) -> dict[str, str]:
    """What the browser would post, from the page with the one button."""
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    (action, values) = Forms(page.text).forms[0]
    assert html.unescape(str(action)) == app.redirect_uri
    return values


def test_form_post_answers_by_a_page_with_one_button_and_one_script(app: App, person: Person) -> None:
    page = app.approve(person)  # consent is given once
    page = person.get(app.authorize_url(response_mode="form_post"))
    values = posted(app, page)
    assert values["state"] == app.state and values["iss"] == app.house.issuer
    assert app.redeem(values["code"]).status_code == 200
    scripts = re.findall(r"<script>(.*?)</script>", page.text)
    assert len(scripts) == 1 and "<script" not in page.text.replace("<script>", "", 1)
    hashed = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"script-src 'sha256-{hashed}'" in policy and "unsafe" not in policy and "form-action 'self' https: http:" in policy
    assert app.redirect_uri not in page.headers.get("Location", "") and page.headers["Cache-Control"] == "no-store"


def test_form_post_tells_errors_too_and_escapes_the_state(app: App) -> None:
    state = '"><script>alert(1)</script></body>'
    page = requests.get(app.house.issuer + app.authorize_url(response_mode="form_post", prompt="none", state=state), timeout=20)
    values = posted(app, page)
    assert values["error"] == "login_required" and values["state"] == state
    assert page.text.count("<script") == 1


def test_another_response_mode_is_refused(app: App) -> None:
    for mode in ("fragment", "query.jwt", "web_message"):
        answer = app.answer(requests.get(app.house.issuer + app.authorize_url(response_mode=mode), allow_redirects=False, timeout=20))
        assert answer["error"] == "invalid_request"


# --- id_token_hint ---


def test_a_hint_of_the_person_who_is_signed_in_gets_a_code_without_a_page(app: App, person: Person) -> None:
    hint = app.tokens(person)["id_token"]
    assert "code" in app.answer(person.get(app.authorize_url(prompt="none", id_token_hint=hint)))


def test_a_hint_of_another_person_never_gets_this_ones_code(house: House, app: App, person: Person) -> None:
    hint = app.tokens(person)["id_token"]
    other = Person(house, "other-" + person.email)
    app.tokens(other)
    assert app.answer(other.get(app.authorize_url(prompt="none", id_token_hint=hint)))["error"] == "login_required"
    page = other.get(app.authorize_url(id_token_hint=hint))
    assert page.status_code == 200 and 'name="email"' in page.text
    # Signing in as the person who is meant goes on to the code.
    other.email = person.email
    assert "code" in app.answer(other.sign_in(page))


def test_a_hint_that_is_forged_or_of_another_app_is_an_error(house: House, app: App, person: Person) -> None:
    hint = app.tokens(person)["id_token"]
    another = App(house, house.add_app("Other", REDIRECT_URI))
    head, body, signature = hint.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    forged = [f"{head}.{body}.{'A' * len(signature)}", f"{none}.{body}.", f"{head}.{body}", "x", another.tokens(person)["id_token"]]
    for text in forged:
        for prompt in (None, "none"):
            answer = app.answer(person.get(app.authorize_url(id_token_hint=text, prompt=prompt)))
            assert answer["error"] == "invalid_request", text


def test_a_hint_under_a_retired_key_is_good(house: House, app: App, person: Person) -> None:
    hint = app.tokens(person)["id_token"]
    house.ask("signing-key", "rotate")
    assert "code" in app.answer(person.get(app.authorize_url(prompt="none", id_token_hint=hint)))


# --- pushed authorization requests (RFC 9126) ---


def push(app: App, **changed: str | None) -> requests.Response:
    return app.post("/oauth/par", **app.parameters(**changed))


def begin(app: App, person: Person, request_uri: str, client_id: str | None = None, **more: str) -> requests.Response:
    query = urllib.parse.urlencode({"client_id": client_id or app.client_id, "request_uri": request_uri, **more})
    return person.get("/oauth/authorize?" + query)


def test_a_pushed_request_is_the_request(app: App, person: Person) -> None:
    app.approve(person)
    answer = push(app)
    assert answer.status_code == 201 and answer.json()["expires_in"] == 90 and answer.headers["Cache-Control"] == "no-store"
    uri = answer.json()["request_uri"]
    assert uri.startswith("urn:ietf:params:oauth:request_uri:")
    # Parameters beside it change nothing (RFC 9101 6.3).
    redirect = app.answer(begin(app, person, uri, state="other", scope="profile.basic"))
    assert redirect["state"] == app.state
    assert app.redeem(redirect["code"]).json()["scope"] == "openid offline_access"
    # It is over when its code was given.
    assert begin(app, person, uri).status_code == 400


def test_a_pushed_request_outlives_the_sign_in(app: App, person: Person) -> None:
    page = begin(app, person, push(app).json()["request_uri"])
    page = person.submit(person.sign_in(page), button="approve")
    assert "code" in app.answer(page)


def test_a_pushed_request_of_another_client_or_none_gets_a_page(house: House, app: App, person: Person) -> None:
    uri = push(app).json()["request_uri"]
    made_up = uri[:-22] + ("B" if uri[-22] == "A" else "A") + uri[-21:]
    other = house.add_app("Other", REDIRECT_URI)
    for page in (begin(app, person, uri, client_id=other), begin(app, person, made_up), begin(app, person, uri, client_id="x")):
        assert page.status_code == 400 and "Location" not in page.headers
    assert begin(app, person, uri).status_code == 200


@pytest.mark.parametrize(
    "changed,error",
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"scope": "root"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAA"}, "request_uri_not_supported"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"client_id": "AAAAAAAAAAAAAAAAAAAAAA"}, "invalid_client"),
        ({"client_id": None}, "invalid_request"),
        ({"client_secret": "s"}, "invalid_client"),
    ],
)
def test_what_is_no_good_request_can_not_be_pushed(app: App, changed: dict[str, str | None], error: str) -> None:
    answer = push(app, **changed)
    assert answer.status_code == 400 and answer.json()["error"] == error


def test_o14_request_objects_and_foreign_request_uris_are_refused(app: App, person: Person) -> None:
    for changed, error in (({"request": "e30.e30."}, "request_not_supported"), ({"request_uri": app.house.issuer + "/x"}, "request_uri_not_supported")):
        assert app.answer(person.get(app.authorize_url(**changed)))["error"] == error


# --- resources (RFC 8707) ---

SHOP = "https://api.example/shop"
BAKE = "https://api.example/bake"


@pytest.fixture
def two(house: House) -> Iterator[App]:
    made = App(house, str(house.ask("app", "add", "Bakery", "--redirect-uri", REDIRECT_URI, "--resource", SHOP, "--resource", BAKE)["client_id"]))
    yield made
    house.ctl("app", "remove", made.client_id)


def introspect(app: App, token: str) -> dict[str, object]:
    key = app.house.ask("key", "add", app.client_id, "--scope", "token.introspect")
    backend = requests.post(app.house.issuer + "/auth/token/exchange", json={"apiKey": key["secret"]}, timeout=20).json()["accessToken"]
    answer = requests.post(app.house.issuer + "/oauth/introspect", data={"token": token}, headers={"Authorization": f"Bearer {backend}"}, timeout=20)
    return dict(answer.json())


def authorize(app: App, person: Person, resources: list[str]) -> requests.Response:
    app.approve(person)
    query = urllib.parse.urlencode(list(app.parameters().items()) + [("resource", uri) for uri in resources])
    return person.get("/oauth/authorize?" + query)


def test_a_token_names_the_one_resource_that_was_asked_for(two: App, person: Person) -> None:
    code = two.answer(authorize(two, person, [SHOP]))["code"]
    tokens = two.redeem(code).json()
    assert introspect(two, tokens["access_token"])["aud"] == SHOP
    assert two.refresh(tokens["refresh_token"], resource=BAKE).json()["error"] == "invalid_target"
    again = two.refresh(tokens["refresh_token"]).json()
    assert introspect(two, again["access_token"])["aud"] == SHOP


def test_of_several_granted_resources_each_token_names_one(two: App, person: Person) -> None:
    code = two.answer(authorize(two, person, [SHOP, BAKE]))["code"]
    assert two.redeem(code).json()["error"] == "invalid_target"
    tokens = two.redeem(code, resource=BAKE).json()
    assert introspect(two, tokens["access_token"])["aud"] == BAKE
    again = two.refresh(tokens["refresh_token"], resource=SHOP).json()
    assert introspect(two, again["access_token"])["aud"] == SHOP


def test_a_resource_of_another_app_is_no_target(house: House, two: App, app: App, person: Person) -> None:
    assert app.answer(authorize(app, person, [SHOP]))["error"] == "invalid_target"
    assert app.redeem(app.code(person), resource=SHOP).json()["error"] == "invalid_target"
    assert push(app, resource=SHOP).json()["error"] == "invalid_target"
    assert app.post("/oauth/device", client_id=app.client_id, scope="openid", resource=SHOP).json()["error"] == "invalid_target"
    assert "another app has" in house.ctl("app", "set", app.client_id, "--resource", SHOP, check=False).stderr
    assert "another app has" in house.ctl("app", "add", "Thief", "--redirect-uri", REDIRECT_URI, "--resource", BAKE, check=False).stderr


def test_a_resource_that_was_given_up_is_free(house: House, two: App, app: App) -> None:
    house.ask("app", "set", two.client_id, "--resource", BAKE)
    house.ask("app", "set", app.client_id, "--resource", SHOP)
    assert "another app has" in house.ctl("app", "set", two.client_id, "--resource", SHOP, check=False).stderr
    house.ask("app", "set", app.client_id, "--resource", "")
    house.ask("app", "set", two.client_id, "--resource", SHOP)
    assert house.ask("app", "show", two.client_id)["resources"] == [SHOP]


@pytest.mark.parametrize("uri", ["shop", "https://api.example/#a", "/shop", "https://api.example/" + "a" * 3000], ids=["relative", "fragment", "path", "long"])
def test_what_can_be_no_resource_is_refused(house: House, app: App, uri: str) -> None:
    assert house.ctl("app", "set", app.client_id, "--resource", uri, check=False).returncode == 1


def test_a_device_grant_keeps_its_resource(two: App, person: Person) -> None:
    device = two.post("/oauth/device", client_id=two.client_id, scope="openid", resource=SHOP).json()
    person.sign_in()
    page = person.submit(person.get("/d"), user_code=device["user_code"])
    assert "Approved" in person.submit(page, button="approve").text
    form = {"grant_type": DEVICE_GRANT, "client_id": two.client_id, "device_code": device["device_code"]}
    assert two.post("/oauth/token", **form, resource=BAKE).json()["error"] == "invalid_target"
    assert introspect(two, two.post("/oauth/token", **form).json()["access_token"])["aud"] == SHOP
