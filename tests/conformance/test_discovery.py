# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery tells exactly what is true: each member of the document is tried, and what it does not list is refused."""

import urllib.parse
from collections.abc import Callable

import pytest
import requests
from house import Forms, House, Person
from oauth import REDIRECT_URI
from relying_party import RelyingParty, discover, unsigned

DOCUMENTS = ("openid-configuration", "oauth-authorization-server")
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
API_KEY = "urn:antara:token-type:api-key"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Check = Callable[[RelyingParty, Person], None]
CHECKS: dict[str, Check] = {}


@pytest.fixture
def client(house: House) -> RelyingParty:
    return RelyingParty(house, house.add_app("Bakery", REDIRECT_URI))


def of(name: str) -> Callable[[Check], Check]:
    """Makes a function the check of a member."""

    def keep(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return keep


def listed(client: RelyingParty, name: str) -> list[str]:
    value = client.metadata[name]
    assert isinstance(value, list)
    return value


def post(client: RelyingParty, endpoint: str, headers: dict[str, str] | None = None, **form: str | None) -> requests.Response:
    return requests.post(client.endpoint(endpoint), data={name: value for name, value in form.items() if value is not None}, headers=headers, timeout=20)


def error(answer: requests.Response) -> str:
    assert answer.status_code in (400, 401), answer.text
    return str(answer.json()["error"])


def backend(client: RelyingParty) -> dict[str, str]:
    """The header of a backend that may introspect."""
    secret = str(client.house.ask("key", "add", client.client_id, "--scope", "token.introspect")["secret"])
    answer = post(client, "token_endpoint", grant_type=EXCHANGE_GRANT, subject_token=secret, subject_token_type=API_KEY)
    assert answer.status_code == 200 and answer.json()["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    return {"Authorization": "Bearer " + answer.json()["access_token"]}


def device(client: RelyingParty, person: Person) -> dict[str, str]:
    """The form with which a device that was approved gets its tokens."""
    opened = post(client, "device_authorization_endpoint", client_id=client.client_id, scope="openid offline_access")
    assert opened.status_code == 200, opened.text
    person.sign_in()
    page = person.submit(person.get(opened.json()["verification_uri"]), user_code=opened.json()["user_code"])
    assert "Approved" in person.submit(page, button="approve").text
    return {"grant_type": DEVICE_GRANT, "client_id": client.client_id, "device_code": opened.json()["device_code"]}


def form_value(page: requests.Response, name: str) -> str:
    return next(values[name] for _, values in Forms(page.text).forms if name in values)


# --- endpoints ---


@of("issuer")
def issuer(client: RelyingParty, person: Person) -> None:
    assert client.metadata["issuer"] == client.house.issuer and client.flow(person)[1]["iss"] == client.house.issuer


@of("authorization_endpoint")
@of("token_endpoint")
@of("userinfo_endpoint")
@of("jwks_uri")
def a_whole_sign_in(client: RelyingParty, person: Person) -> None:
    client.flow(person)


@of("revocation_endpoint")
@of("revocation_endpoint_auth_methods_supported")
def revocation(client: RelyingParty, person: Person) -> None:
    assert listed(client, "revocation_endpoint_auth_methods_supported") == ["none"]
    token = client.flow(person)[0]["access_token"]
    for proof in ({"client_secret": "x"}, {"client_assertion": unsigned({}), "client_assertion_type": ASSERTION}):
        assert error(post(client, "revocation_endpoint", client_id=client.client_id, token=token, **proof)) == "invalid_client"
    assert client.userinfo(token).status_code == 200
    assert post(client, "revocation_endpoint", client_id=client.client_id, token=token).status_code == 200
    assert client.userinfo(token).status_code == 401


@of("introspection_endpoint")
@of("introspection_endpoint_auth_methods_supported")
def introspection(client: RelyingParty, person: Person) -> None:
    """An access token type is a method as well (RFC 8414 2)."""
    assert listed(client, "introspection_endpoint_auth_methods_supported") == ["Bearer"]
    token = client.flow(person)[0]["access_token"]
    answer = post(client, "introspection_endpoint", headers=backend(client), token=token)
    assert answer.status_code == 200 and answer.json()["active"] is True
    assert error(post(client, "introspection_endpoint", client_id=client.client_id, token=token)) == "invalid_token"


@of("device_authorization_endpoint")
def device_authorization(client: RelyingParty, person: Person) -> None:
    assert post(client, "token_endpoint", **device(client, person)).status_code == 200


@of("pushed_authorization_request_endpoint")
@of("require_pushed_authorization_requests")
def pushed(client: RelyingParty, person: Person) -> None:
    """Possible, and not required."""
    assert client.metadata["require_pushed_authorization_requests"] is False
    client.flow(person)
    request = client.again()
    answer = post(request, "pushed_authorization_request_endpoint", **request.parameters())
    assert answer.status_code == 201
    query = urllib.parse.urlencode({"client_id": request.client_id, "request_uri": answer.json()["request_uri"]})
    assert "code" in request.answer(person.get(f"{request.endpoint('authorization_endpoint')}?{query}"))


@of("end_session_endpoint")
def end_session(client: RelyingParty, person: Person) -> None:
    tokens, _ = client.flow(person)
    page = person.get(client.endpoint("end_session_endpoint") + "?" + urllib.parse.urlencode({"id_token_hint": tokens["id_token"]}))
    assert "signed out" in person.submit(page, request=form_value(page, "request")).text
    assert client.again().ask(person, prompt="none")["error"] == "login_required"


# --- lists ---


@of("response_types_supported")
def response_types(client: RelyingParty, person: Person) -> None:
    assert listed(client, "response_types_supported") == ["code"]
    client.flow(person)
    for kind in ("token", "id_token", "code id_token", "code token", "id_token token", "code id_token token", "none", "Code"):
        assert client.ask(person, response_type=kind)["error"] == "unsupported_response_type", kind


@of("response_modes_supported")
def response_modes(client: RelyingParty, person: Person) -> None:
    assert listed(client, "response_modes_supported") == ["query", "form_post"]
    for mode in listed(client, "response_modes_supported"):
        client.response_mode = mode
        client.again().flow(person)
    client.response_mode = None
    for mode in ("fragment", "jwt", "query.jwt", "form_post.jwt", "web_message", "Query"):
        assert client.ask(person, response_mode=mode)["error"] == "invalid_request", mode


@of("grant_types_supported")
def grant_types(client: RelyingParty, person: Person) -> None:
    tokens, _ = client.flow(person)
    forms = {
        "authorization_code": {"code": (code := client.again()).get_code(person), "code_verifier": code.verifier},
        "refresh_token": {"refresh_token": tokens["refresh_token"]},
        DEVICE_GRANT: device(client, person),
        EXCHANGE_GRANT: {"subject_token": str(client.house.ask("key", "add", client.client_id)["secret"]), "subject_token_type": API_KEY},
    }
    assert set(listed(client, "grant_types_supported")) == set(forms)
    for grant, form in forms.items():
        answer = post(client, "token_endpoint", **{**form, "grant_type": grant, "client_id": client.client_id})
        assert answer.status_code == 200, (grant, answer.text)
    bearer = "urn:ietf:params:oauth:grant-type:"
    for grant in ("password", "client_credentials", "implicit", bearer + "jwt-bearer", bearer + "saml2-bearer", "urn:openid:params:grant-type:ciba"):
        assert error(post(client, "token_endpoint", grant_type=grant, client_id=client.client_id, username="a", password="b")) == "unsupported_grant_type"


@of("code_challenge_methods_supported")
def challenge_methods(client: RelyingParty, person: Person) -> None:
    assert listed(client, "code_challenge_methods_supported") == ["S256"]
    client.flow(person)
    for method in ("plain", "S512", "s256", None):
        assert client.ask(person, code_challenge_method=method)["error"] == "invalid_request"


@of("token_endpoint_auth_methods_supported")
def token_auth_methods(client: RelyingParty, person: Person) -> None:
    assert listed(client, "token_endpoint_auth_methods_supported") == ["none"]
    form = {"grant_type": "refresh_token", "client_id": client.client_id, "refresh_token": client.flow(person)[0]["refresh_token"]}
    for proof in ({"client_secret": "x"}, {"client_assertion": unsigned({}), "client_assertion_type": ASSERTION}, {"client_assertion": "x"}):
        assert error(post(client, "token_endpoint", **form, **proof)) == "invalid_client", proof
    assert error(requests.post(client.endpoint("token_endpoint"), data=form, auth=(client.client_id, "x"), timeout=20)) == "invalid_client"
    assert post(client, "token_endpoint", **form).status_code == 200


@of("subject_types_supported")
def subject_types(client: RelyingParty, person: Person) -> None:
    assert listed(client, "subject_types_supported") == ["pairwise"]
    other = RelyingParty(client.house, client.house.add_app("Library", REDIRECT_URI))
    subjects = [party.flow(person)[1]["sub"] for party in (client, other, client.again())]
    assert subjects[0] == subjects[2] != subjects[1]


@of("id_token_signing_alg_values_supported")
def signing_algorithms(client: RelyingParty, person: Person) -> None:
    for alg in listed(client, "id_token_signing_alg_values_supported"):
        client.house.ask("app", "set", client.client_id, "--id-token-alg", alg)
        request = client.again()
        request.read_id_token(request.trade(request.get_code(person)), nonce="n-" + request.state, alg=alg)
    for alg in ("none", "HS256", "PS256", "RS512", "ES384"):
        assert client.house.ctl("app", "set", client.client_id, "--id-token-alg", alg, check=False).returncode == 1


@of("scopes_supported")
def scopes(client: RelyingParty, person: Person) -> None:
    """profile, email, address and phone are taken as well and add nothing, so they are no promise to list."""
    for scope in listed(client, "scopes_supported"):
        request = client.again()
        assert request.trade(request.get_code(person, scope=scope))["scope"] == scope
    for scope in ("identity.read", "messages.send", "token.introspect", "roles", "OPENID", "openid profile.full"):
        assert client.ask(person, scope=scope)["error"] == "invalid_scope"


@of("claims_supported")
def claims(client: RelyingParty, person: Person) -> None:
    tokens, inside = client.flow(person, scope=" ".join(listed(client, "scopes_supported")), max_age="100")
    assert set(inside) | set(client.userinfo(tokens["access_token"]).json()) == set(listed(client, "claims_supported"))


@of("acr_values_supported")
def acr_values(client: RelyingParty, person: Person) -> None:
    assert [client.flow(person)[1]["acr"]] == listed(client, "acr_values_supported")


@of("prompt_values_supported")
def prompt_values(client: RelyingParty, person: Person) -> None:
    pages = {"none": [], "login": ["sign-in"], "consent": ["consent"], "select_account": ["consent"], "login consent": ["sign-in", "consent"]}
    assert set(listed(client, "prompt_values_supported")) == {value for prompt in pages for value in prompt.split()}
    client.flow(person)
    for prompt, seen in pages.items():
        request = client.again()
        request.get_code(person, prompt=prompt)
        assert request.pages == seen, prompt
    for prompt in ("create", "None", "none login"):
        assert client.ask(person, prompt=prompt)["error"] == "invalid_request"


# --- what is there, and what is not ---


@of("authorization_response_iss_parameter_supported")
def iss_parameter(client: RelyingParty, person: Person) -> None:
    assert client.metadata["authorization_response_iss_parameter_supported"] is True
    for changed in ({}, {"prompt": "none"}, {"scope": "roles"}):
        assert client.ask(person, **changed)["iss"] == client.metadata["issuer"]


@of("request_parameter_supported")
@of("request_uri_parameter_supported")
def request_objects(client: RelyingParty, person: Person) -> None:
    assert client.metadata["request_parameter_supported"] is client.metadata["request_uri_parameter_supported"] is False
    assert client.ask(person, request=unsigned(dict(client.parameters())))["error"] == "request_not_supported"
    assert client.ask(person, request_uri="https://app.example/r")["error"] == "request_uri_not_supported"


@of("backchannel_logout_supported")
@of("backchannel_logout_session_supported")
def backchannel_logout(client: RelyingParty, person: Person) -> None:
    """That a client is told, with a sid, is tried in test_backchannel_logout.py."""
    assert client.metadata["backchannel_logout_supported"] is client.metadata["backchannel_logout_session_supported"] is True
    assert client.flow(person)[1]["sid"]
    client.house.ask("app", "set", client.client_id, "--backchannel-logout-uri", "https://bakery.example/logout")


@of("claims_parameter_supported")
def claims_parameter(client: RelyingParty, person: Person) -> None:
    assert client.metadata["claims_parameter_supported"] is False
    assert "auth_time" not in client.flow(person, claims='{"id_token":{"auth_time":{"essential":true}}}')[1]


# --- all of them ---


@pytest.mark.parametrize("name", CHECKS)
def test_a_member_of_the_document_is_true(client: RelyingParty, person: Person, name: str) -> None:
    CHECKS[name](client, person)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_member_of_the_document_is_left_untried(house: House, document: str) -> None:
    assert set(discover(house, document)) == set(CHECKS)
    assert discover(house, document) == discover(house)
