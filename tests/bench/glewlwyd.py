# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's glewlwyd on a new sqlite file: its OpenID plugin, as the steps of the bench."""

import contextlib
import gzip
import pathlib
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import house as houses
import private_bus
import requests
from load import SERVER, Line, Step, Target
from oauth import REDIRECT_URI
from servers import Server, Size, form, usual

TABLES = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
WRONG_MAX = 0.05  # of its answers: now and then it does not know a code that it gave to another connection at the same time
PASSWORD = "password"  # of the first administrator, in TABLES
CONFIG = """
port = {port}
bind_address = "127.0.0.1"
external_url = "http://localhost:{port}/"
api_prefix = "api"
login_url = "login.html"
log_mode = "console"
log_level = "NONE"
session_key = "GLEWLWYD2_SESSION_ID"
session_expiration = 2419200
cookie_secure = 0
admin_scope = "g_admin"
profile_scope = "g_profile"
admin_session_authentication = "cookie"
profile_session_authentication = "cookie"
login_api_enabled = true
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }};
"""
SCOPES = ("profile.basic", "offline_access", "token.introspect")
PATHS = {"authorize": "/auth", "token": "/token", "introspect": "/introspect", "userinfo": "/userinfo", "device": "/device_authorization"}


def plugin(issuer: str) -> dict[str, object]:
    """Refresh tokens are good for one use, as ours are; ES256, the cheapest of its signatures by public keys."""
    key = subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"], check=True, capture_output=True).stdout
    public = subprocess.run(["openssl", "ec", "-pubout"], input=key, check=True, capture_output=True).stdout
    return {
        "iss": issuer,
        "jwt-type": "ecdsa",
        "jwt-key-size": "256",
        "key": key.decode(),
        "cert": public.decode(),
        "code-duration": 600,
        "access-token-duration": 3600,
        "refresh-token-duration": 1209600,
        "refresh-token-rolling": True,
        "refresh-token-one-use": "always",
        "allow-non-oidc": True,
        "pkce-allowed": True,
        "auth-type-code-enabled": True,
        "auth-type-refresh-enabled": True,
        "auth-type-device-enabled": True,
        "device-authorization-expiration": 600,
        "device-authorization-interval": 5,
        "introspection-revocation-allowed": True,
        "introspection-revocation-auth-scope": ["token.introspect"],
    }


@dataclass
class Api:
    """Its own interface, as one user of it."""

    base: str
    web: requests.Session = field(default_factory=requests.Session)

    def send(self, method: str, path: str, **values: object) -> None:
        answer = self.web.request(method, self.base + path, json=values, timeout=60)
        assert answer.status_code == 200, f"glewlwyd: {method} {path}: {answer.status_code} {answer.text}"

    def sign_in(self, name: str) -> "Api":
        self.send("POST", "/auth/", username=name, password=PASSWORD)
        return self


def furnish(base: str, size: Size) -> None:
    admin = Api(base).sign_in("admin")
    for scope in SCOPES:
        admin.send("POST", "/scope/", name=scope, display_name=scope, password_required=False, scheme={})
    admin.send("POST", "/mod/plugin/", module="oidc", name="oidc", display_name="OpenID", enabled=True, parameters=plugin(base))
    for app in range(size.apps):
        grants = ["code", "refresh_token", "device_authorization"]
        admin.send("POST", "/client/", client_id=f"app{app}", enabled=True, confidential=False, authorization_type=grants, redirect_uri=[REDIRECT_URI])
    for person in range(size.people):
        admin.send("POST", "/user/", username=f"person{person}", password=PASSWORD, enabled=True, scope=["openid", *SCOPES])


def sign_in(base: str, size: Size) -> list[Line]:
    """Everybody, and consents at each app."""
    cookies = []
    for number in range(size.people):
        person = Api(base).sign_in(f"person{number}")
        for app in range(size.apps):
            person.send("PUT", f"/auth/grant/app{app}", scope=" ".join(("openid", *SCOPES)))
        cookies.append("; ".join(f"{cookie.name}={cookie.value}" for cookie in person.web.cookies))
    return [{"client": f"app{app}", "cookie": cookie} for app in range(size.apps) for cookie in cookies]


def steps(target: Target, lines: list[Line]) -> Server:
    server = usual("glewlwyd", target, lines, {name: "/api/oidc" + path for name, path in PATHS.items()})
    # It wants a nonce; "g_continue" says that its page of consent has been seen.
    authorize = replace(server.authorize, path=server.authorize.path + "&nonce=n&g_continue", status=302)
    device = Step(server.device.path, form(grant_type="device_authorization", client_id="{client}", scope="{scope}"), take=server.device.take)
    return replace(server, authorize=authorize, device=device)


def add_backend(server: Server) -> None:
    """What introspects: a token of a scope of its own."""
    line = {**server.lines[0], "scope": "token.introspect"}
    (got,) = server.target.run([server.authorize, server.redeem], [line], collect=True).collected
    for line in server.lines:
        line["backend"] = "Bearer " + got["access"]


@contextlib.contextmanager
def glewlwyd(size: Size, folder: pathlib.Path) -> Iterator[Server]:
    port = houses.free_port()
    with contextlib.closing(sqlite3.connect(folder / "glewlwyd.db")) as tables, gzip.open(TABLES, "rt") as text:
        tables.executescript(text.read())
    config = folder / "glewlwyd.conf"
    config.write_text(CONFIG.format(port=port, folder=folder))
    process = subprocess.Popen([*SERVER, "glewlwyd", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://localhost:{port}/api"
        houses.wait_until(lambda: subprocess.run(["curl", "-s", base], capture_output=True, check=False).returncode == 0)
        furnish(base, size)
        server = steps(Target(process.pid, port, f"localhost:{port}", WRONG_MAX), sign_in(base, size))
        add_backend(server)
        yield server
    finally:
        private_bus.stop(process)
