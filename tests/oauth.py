# SPDX-License-Identifier: GPL-3.0-or-later
"""An app with PKCE, as its author would write it: begins a sign-in, reads the answer, trades codes and tokens."""

import base64
import hashlib
import secrets
import urllib.parse
from dataclasses import dataclass, field

import requests
from house import House, Person

REDIRECT_URI = "http://127.0.0.1:9/callback"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class App:
    house: House
    client_id: str
    redirect_uri: str = REDIRECT_URI
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    def parameters(self, **changed: str | None) -> dict[str, str]:
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid offline_access",
            "state": self.state,
            "nonce": "n-" + self.state,
            "code_challenge": base64url(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **changed,
        }
        return {name: value for name, value in values.items() if value is not None}

    def authorize_url(self, **changed: str | None) -> str:
        return "/oauth/authorize?" + urllib.parse.urlencode(self.parameters(**changed))

    def code(self, person: Person, **changed: str | None) -> str:
        """Signs the person in as far as needed, approves, and gives the code that came back."""
        answer = self.answer(self.approve(person, **changed))
        assert "code" in answer, answer
        return answer["code"]

    def approve(self, person: Person, **changed: str | None) -> requests.Response:
        page = person.get(self.authorize_url(**changed))
        if 'name="email"' in page.text:
            page = person.sign_in(page)
        if page.status_code == 200:
            page = person.submit(page, button="approve")
        return page

    def answer(self, page: requests.Response) -> dict[str, str]:
        assert page.status_code == 303, page.text
        location = page.headers["Location"]
        assert location.startswith(self.redirect_uri), location
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))

    def post(self, path: str, **form: str | None) -> requests.Response:
        sent = {name: value for name, value in form.items() if value is not None}
        return requests.post(self.house.issuer + path, data=sent, timeout=20)

    def redeem(self, code: str, **changed: str | None) -> requests.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return self.post("/oauth/token", **{**form, **changed})

    def refresh(self, token: str, **changed: str | None) -> requests.Response:
        form: dict[str, str | None] = {"grant_type": "refresh_token", "client_id": self.client_id, "refresh_token": token}
        return self.post("/oauth/token", **{**form, **changed})

    def userinfo(self, token: str) -> requests.Response:
        return requests.get(self.house.issuer + "/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def tokens(self, person: Person) -> dict[str, str]:
        answer = self.redeem(self.code(person))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
