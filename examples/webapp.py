#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small web app that lets people sign in by Antara: the authorization code flow with PKCE, standard library only.

What an app has to do stands in three places: SignIn.begin() draws state, nonce and verifier and sends the browser away;
SignIn.finish() checks state and issuer and trades the code; who_is_it() asks userinfo for the subject. The subject is
all that the app ever learns of a person. A real app would also check the ID token's signature with a JOSE library
before it used it; this one does not use it: it asks userinfo over the same connection to the issuer.
"""

import argparse
import base64
import hashlib
import html
import http.cookies
import http.server
import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request

SIGN_INS_MAX = 1000
SIGN_IN_SECONDS = 600.0


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def fetch(url: str, form: dict[str, str] | None = None, bearer: str | None = None) -> dict[str, object]:
    """GETs, or POSTs a form, and reads the JSON answer."""
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, body)
    if bearer is not None:
        request.add_header("Authorization", f"Bearer {bearer}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


class SignIn:
    """The sign-ins that are under way; each belongs to the browser that began it."""

    def __init__(self, issuer: str, client_id: str, redirect_uri: str) -> None:
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self.issuer = issuer
        self.provider = fetch(f"{issuer}/.well-known/openid-configuration")
        self.pending: dict[str, tuple[str, str, float]] = {}

    def begin(self) -> tuple[str, str]:
        """Gives the browser's secret for a cookie, and where to send the browser."""
        browser, state, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        if len(self.pending) >= SIGN_INS_MAX:
            self.pending.pop(next(iter(self.pending)))
        self.pending[browser] = (state, verifier, time.monotonic())
        query = urllib.parse.urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": self.redirect_uri,
                "scope": "openid",
                "state": state,
                "code_challenge": base64url(hashlib.sha256(verifier.encode()).digest()),
                "code_challenge_method": "S256",
            }
        )
        return browser, f"{self.provider['authorization_endpoint']}?{query}"

    def finish(self, browser: str, answer: dict[str, str]) -> str:
        """Checks the answer, trades the code, and gives the subject."""
        state, verifier, born = self.pending.pop(browser, ("", "", 0.0))
        if not state or time.monotonic() - born > SIGN_IN_SECONDS:
            raise ValueError("This sign-in was not begun in this browser, or it took too long.")
        if not secrets.compare_digest(state, answer.get("state", "")):
            raise ValueError("The answer belongs to another sign-in (state).")
        if answer.get("iss") != self.issuer:
            raise ValueError("The answer comes from another issuer (RFC 9207).")
        if "error" in answer:
            raise ValueError(f"You did not sign in: {answer['error']}.")
        return self.who_is_it(answer.get("code", ""), verifier)

    def who_is_it(self, code: str, verifier: str) -> str:
        tokens = fetch(
            str(self.provider["token_endpoint"]),
            {
                "grant_type": "authorization_code",
                "client_id": self.client_id,
                "code": code,
                "redirect_uri": self.redirect_uri,
                "code_verifier": verifier,
            },
        )
        person = fetch(str(self.provider["userinfo_endpoint"]), bearer=str(tokens["access_token"]))
        return str(person["sub"])


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>
<style>:root{{color-scheme:light dark}}body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}}
code{{font-size:1.1em;overflow-wrap:anywhere}}a,button{{font:inherit}}button{{padding:.5rem 1rem}}</style>
<h1>{name}</h1>{body}</html>"""


class App(http.server.BaseHTTPRequestHandler):
    server_version = "example"
    sys_version = ""
    name = ""
    cookie = ""
    sign_in: SignIn
    people: dict[str, str] = {}  # this app's own sessions: cookie -> subject

    def cookies(self) -> http.cookies.SimpleCookie:
        return http.cookies.SimpleCookie(self.headers.get("Cookie", ""))

    def own_cookie(self, suffix: str) -> str:
        morsel = self.cookies().get(self.cookie + suffix)
        return morsel.value if morsel else ""

    def answer(self, status: int, body: str) -> None:
        data = PAGE.format(name=html.escape(self.name), body=body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def go(self, location: str, suffix: str, value: str) -> None:
        self.send_response(303)
        self.send_header("Location", location)
        self.send_header("Set-Cookie", f"{self.cookie}{suffix}={value}; HttpOnly; SameSite=Lax; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/":
            self.home()
        elif url.path == "/callback":
            self.callback(dict(urllib.parse.parse_qsl(url.query)))
        else:
            self.answer(404, "<p>There is no such page.</p>")

    def do_POST(self) -> None:
        if self.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            self.answer(403, "<p>This form was sent from another site.</p>")
        elif self.path == "/sign-in":
            browser, location = self.sign_in.begin()
            self.go(location, "-begun", browser)
        elif self.path == "/sign-out":
            self.people.pop(self.own_cookie(""), None)
            self.go("/", "", "")
        else:
            self.answer(404, "<p>There is no such page.</p>")

    def home(self) -> None:
        subject = self.people.get(self.own_cookie(""))
        if subject is None:
            self.answer(200, '<p>You are not signed in.</p><form method="post" action="/sign-in"><button>Sign in with Antara</button></form>')
            return
        self.answer(
            200,
            f'<p>You are signed in. This app knows you only as</p><p><code id="slug">{html.escape(subject)}</code></p>'
            '<form method="post" action="/sign-out"><button>Sign out of this app</button></form>',
        )

    def callback(self, answer: dict[str, str]) -> None:
        try:
            subject = self.sign_in.finish(self.own_cookie("-begun"), answer)
        except (ValueError, urllib.error.URLError) as problem:
            self.answer(400, f'<p>{html.escape(str(problem))}</p><p><a href="/">Try again</a></p>')
            return
        cookie = secrets.token_urlsafe(32)
        if len(self.people) >= SIGN_INS_MAX:
            self.people.pop(next(iter(self.people)))
        self.people[cookie] = subject
        self.go("/", "", cookie)

    def log_message(self, format: str, *args: object) -> None:
        """The default log would hold codes: the query of the callback."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    asked = parser.parse_args()
    App.name = asked.name
    App.cookie = f"app-{asked.port}"  # cookies know no ports
    App.sign_in = SignIn(asked.issuer, asked.client_id, f"http://127.0.0.1:{asked.port}/callback")
    http.server.ThreadingHTTPServer(("127.0.0.1", asked.port), App).serve_forever()


if __name__ == "__main__":
    main()
