# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench sets side by side: each server is the same few steps, in its own words."""

import contextlib
import hashlib
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import house as houses
import private_bus
from load import CONNECTIONS, SERVER, Line, Result, Step, Target, pin
from oauth import REDIRECT_URI, App, base64url

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "profile.basic+offline_access"  # as a form writes it
SIGNED_SCOPE = "openid+" + SCOPE  # userinfo wants it; the other parts are measured without an ID token
VERIFIER = "v" * 43
CHALLENGE = base64url(hashlib.sha256(VERIFIER.encode()).digest())

TOKENS = (("access", '"access_token":"'), ("refresh", '"refresh_token":"'))
PATHS = {"authorize": "/oauth/authorize", "token": "/oauth/token", "introspect": "/oauth/introspect", "userinfo": "/oauth/userinfo", "device": "/oauth/device"}
PARTS = ("introspection", "userinfo", "refresh", "code", "exchange", "device")


def form(**values: str) -> str:
    """Encoded, but for the braces of the values to fill in, which must need no encoding but of blanks."""
    return urllib.parse.urlencode(values, safe="{}")


@dataclass(frozen=True)
class Size:
    """Several apps of each person, so that nobody has very many sign-ins at one; a connection has a pair of its own."""

    people: int = CONNECTIONS
    apps: int = 8


@dataclass
class Server:
    """The steps of a server, and the lines (one for each person and app) with what they need."""

    name: str
    target: Target
    lines: list[Line]
    authorize: Step
    redeem: Step
    refresh: Step
    introspect: Step
    userinfo: Step
    device: Step
    poll: Step
    renew: Callable[[], None] = lambda: None  # what in the lines lives for minutes only
    chains: list[Line] = field(default_factory=list)

    def prepare(self, part: str) -> None:
        """New tokens for each connection: the old ones live for minutes only."""
        self.renew()
        scope = SIGNED_SCOPE if part == "userinfo" else SCOPE
        for line in self.lines:
            line["scope"] = scope
        self.chains = self.target.run([self.authorize, self.redeem], self.lines[:CONNECTIONS], collect=True).collected

    def part(self, name: str, seconds: float, connections: int = CONNECTIONS) -> Result:
        """One round of a part, with all that it needs made before."""

        def run(step: Step) -> Result:
            return self.target.run([step], self.chains, seconds, connections=connections)

        if name == "exchange":
            return self.target.run([self.authorize, self.redeem], self.lines, seconds, connections=connections)
        if name == "code":
            codes = self.target.run([self.authorize], self.lines, seconds, collect=True).collected
            return self.target.run([self.redeem], codes, connections=connections)
        if name == "device":
            self.chains = self.target.run([self.device], self.chains, collect=True).collected
            return run(self.poll)
        if name == "refresh":
            result = run(self.refresh)
            self.chains = result.values
            return result
        return run(self.introspect if name == "introspection" else self.userinfo)


def usual(name: str, target: Target, lines: list[Line], paths: dict[str, str] | None = None) -> Server:
    """The steps as the texts of OAuth have them."""
    paths = paths or PATHS
    query = form(
        response_type="code",
        client_id="{client}",
        redirect_uri=REDIRECT_URI,
        scope="{scope}",
        state="s",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
    )
    token = paths["token"]
    return Server(
        name,
        target,
        lines,
        authorize=Step(paths["authorize"] + "?" + query, "", "GET", ("Cookie: {cookie}",), 303, (("code", "code="),)),
        redeem=Step(
            token, form(grant_type="authorization_code", client_id="{client}", code="{code}", redirect_uri=REDIRECT_URI, code_verifier=VERIFIER), take=TOKENS
        ),
        refresh=Step(token, form(grant_type="refresh_token", client_id="{client}", refresh_token="{refresh}"), take=TOKENS),
        introspect=Step(paths["introspect"], form(token="{access}"), headers=("Authorization: {backend}",), take=(("active", '"active":true'),)),
        userinfo=Step(paths["userinfo"], "", "GET", ("Authorization: Bearer {access}",), take=(("subject", '"sub":"'),)),
        device=Step(paths["device"], form(client_id="{client}", scope="{scope}"), take=(("device", '"device_code":"'),)),
        poll=Step(token, form(grant_type=DEVICE_GRANT, client_id="{client}", device_code="{device}"), status=400, take=(("error", '"error":"'),)),
    )


@contextlib.contextmanager
def bare(size: Size) -> Iterator[Server]:
    port = houses.free_port()
    process = subprocess.Popen([*SERVER, str(houses.BUILD / "tests/bench/bench-bare"), str(port)])
    try:
        houses.wait_until(lambda: subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/"], capture_output=True, check=False).returncode == 0)
        yield usual("bare libsoup", Target(process.pid, port, f"localhost:{port}"), [{} for _ in range(size.people * size.apps)])
    finally:
        private_bus.stop(process)


def cookies(person: houses.Person) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.web.cookies)


def backend(app: App) -> str:
    """What an app's backend introspects with: from a key of its own, good for some minutes."""
    key = str(app.house.ask("key", "add", app.client_id, "--scope", "token.introspect")["secret"])
    exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    answer = app.post("/oauth/token", grant_type=exchange, subject_token=key, subject_token_type="urn:antara:token-type:api-key")
    assert answer.status_code == 200, answer.text
    return f"Bearer {answer.json()['access_token']}"


def antara(house: houses.House, size: Size) -> Server:
    """Everybody signs in once, and consents at each app."""
    apps = [App(house, house.add_app(f"Bench {number}", REDIRECT_URI)) for number in range(size.apps)]
    people = [houses.Person(house, f"bench{number}@example.org") for number in range(size.people)]
    for person in people:
        for app in apps:
            app.code(person, scope=SIGNED_SCOPE.replace("+", " "))
    lines = [{"client": app.client_id, "cookie": cookies(person)} for app in apps for person in people]
    assert house.antarad
    pin(house.antarad.pid)

    def renew() -> None:
        found = {app.client_id: backend(app) for app in apps}
        for line in lines:
            line["backend"] = found[line["client"]]

    server = usual("antarad", Target(house.antarad.pid, house.port, f"localhost:{house.port}"), lines)
    return replace(server, renew=renew)
