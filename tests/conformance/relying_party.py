# SPDX-License-Identifier: GPL-3.0-or-later
"""A relying party that knows the provider by its discovery document alone, and checks each answer as the OpenID conformance suite does."""

import base64
import dataclasses
import hashlib
import html
import json
import secrets
import time
import urllib.parse
from dataclasses import dataclass, field

import requests
from authlib.jose import JsonWebKey, JsonWebToken
from house import Forms, House, Person
from oauth import App, base64url

HASH_OF_ALG = {"RS256": "sha256", "ES256": "sha256", "EdDSA": "sha512"}
CLOCK_SKEW_SECONDS = 10
Claims = dict[str, object]


def discover(house: House, document: str = "openid-configuration") -> dict[str, object]:
    answer = requests.get(f"{house.issuer}/.well-known/{document}", timeout=20)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    return dict(answer.json())


def jose_header(token: str) -> dict[str, str]:
    return dict(json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "==")))


def unsigned(claims: Claims) -> str:
    """A request object as the suite makes them: with the algorithm none."""
    parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)]
    return ".".join(parts) + "."


@dataclass
class RelyingParty(App):
    response_mode: str | None = None
    pages: list[str] = field(default_factory=list)  # what the person saw on the way: "sign-in", "consent"

    def __post_init__(self) -> None:
        self.metadata = discover(self.house)

    def endpoint(self, name: str) -> str:
        return str(self.metadata[name])

    def again(self) -> "RelyingParty":
        """The same client at its next request: fresh state, nonce and verifier."""
        return dataclasses.replace(self, state=secrets.token_urlsafe(8), verifier=secrets.token_urlsafe(32), pages=[])

    def parameters(self, **changed: str | None) -> dict[str, str]:
        return super().parameters(**{"response_mode": self.response_mode, **changed})

    def authorize_url(self, **changed: str | None) -> str:
        return self.endpoint("authorization_endpoint") + "?" + urllib.parse.urlencode(self.parameters(**changed))

    def go_on(self, person: Person, page: requests.Response) -> requests.Response:
        """Signs in and approves as far as the provider asks for it; gives the page with the answer."""
        if 'name="email"' in page.text:
            self.pages.append("sign-in")
            page = person.sign_in(page)
        if 'value="approve"' in page.text:
            self.pages.append("consent")
            page = person.submit(page, button="approve")
        return page

    def answer(self, page: requests.Response) -> dict[str, str]:
        """What comes to the redirect URI, with the state and the issuer that must be in it."""
        if self.response_mode == "form_post":
            assert page.status_code == 200, page.headers
            ((action, got),) = Forms(page.text).forms
            assert html.unescape(action) == self.redirect_uri
        else:
            got = super().answer(page)
        assert got["iss"] == self.metadata["issuer"] and ("code" in got) != ("error" in got)
        assert got.get("state") == self.state
        return got

    def ask(self, person: Person, **changed: str | None) -> dict[str, str]:
        return self.answer(self.go_on(person, person.get(self.authorize_url(**changed))))

    def get_code(self, person: Person, **changed: str | None) -> str:
        got = self.ask(person, **changed)
        assert "code" in got, got
        return got["code"]

    def trade(self, code: str) -> dict[str, str]:
        answer = self.redeem(code)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/json" and answer.headers["Cache-Control"] == "no-store"
        tokens = dict(answer.json())
        assert tokens["token_type"].lower() == "bearer" and tokens["access_token"] and tokens["expires_in"] > 0
        return tokens

    def flow(self, person: Person, **changed: str | None) -> tuple[dict[str, str], Claims]:
        """A whole sign-in: the tokens, and the verified claims of the ID token."""
        tokens = self.trade(self.get_code(person, **changed))
        claims = self.read_id_token(tokens, nonce=self.parameters(**changed).get("nonce"))
        info = self.userinfo(tokens["access_token"])
        assert info.status_code == 200 and info.json()["sub"] == claims["sub"]
        return tokens, claims

    def keys(self) -> list[dict[str, str]]:
        return list(requests.get(self.endpoint("jwks_uri"), timeout=20).json()["keys"])

    def read_id_token(self, tokens: dict[str, str], nonce: str | None, alg: str = "RS256") -> Claims:
        """OpenID Connect Core 3.1.3.7, by a library that knows only the published keys."""
        token = tokens["id_token"]
        header = jose_header(token)
        assert header["alg"] == alg
        (key,) = [key for key in self.keys() if key["kid"] == header["kid"]]
        claims = dict(JsonWebToken([alg]).decode(token, JsonWebKey.import_key(key)))
        now = time.time()
        assert claims["iss"] == self.metadata["issuer"] and claims["aud"] == self.client_id
        assert claims["iat"] - CLOCK_SKEW_SECONDS <= now < claims["exp"] <= now + 24 * 3600
        assert claims.get("nonce") == nonce
        assert isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255 and claims["sub"].isascii()
        digest = hashlib.new(HASH_OF_ALG[alg], tokens["access_token"].encode()).digest()
        assert claims["at_hash"] == base64url(digest[: len(digest) // 2])
        return claims

    def post(self, path: str, **form: str | None) -> requests.Response:
        """Where an App would take a path, a relying party takes the endpoint of the document."""
        sent = {name: value for name, value in form.items() if value is not None}
        url = self.endpoint("token_endpoint") if path == "/oauth/token" else self.house.issuer + path
        return requests.post(url, data=sent, timeout=20)

    def userinfo(self, token: str) -> requests.Response:
        return requests.get(self.endpoint("userinfo_endpoint"), headers={"Authorization": f"Bearer {token}"}, timeout=20)
