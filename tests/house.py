# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole Antara for tests: private bus, polkitd, antarad, maildir; and a person with a browser without JavaScript."""

import contextlib
import html.parser
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import certificates
import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import daemon_process  # noqa: E402
import mailbox  # noqa: E402
import private_bus  # noqa: E402

BUILD = pathlib.Path(os.environ.get("ANTARA_BUILD", ROOT / "build-strict"))
TOOLS = pathlib.Path(os.environ.get("ANTARA_TOOLS", BUILD / "tests/tools"))
ANTARAD = BUILD / "daemon/antarad"
WORKERS = os.environ.get("ANTARA_TEST_WORKERS")  # threads that serve HTTP; none: what the daemon takes by itself
ANTARACTL = BUILD / "antaractl/antaractl"

CONFIG = """[daemon]
state_dir = {folder}/state
kek_file = {folder}/kek
{daemon}

[http]
listen = localhost:{listen}
soft_limit = {soft_limit}
{http}

[mail]
transport = {transport}
from = antara@localhost

[tenant test]
issuer = {scheme}://localhost:{port}
display_name = Test
sign_up = {sign_up}
limits = {limits}
{tenant}

[pam]
host_name = web01

{services}
"""


LIMITS = "link_address:10000/60 link_client:10000/60 code_tries:10000/60 user_code:10000/60 device_client:10000/60 otp_user:10000/60 otp_client:10000/60 push_client:10000/60"
LIMITS += " own_link:10000/60 register_client:10000/60 token_client:1000000/60 token_app:1000000/60 token_chain:1000000/60"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: Callable[[], object], seconds: float = 15.0) -> object:
    """Looks again and again until `what` gives something true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing within {seconds} s: {what}")


@dataclass
class House:
    folder: pathlib.Path
    address: str
    port: int
    services: str = "[service demo]"
    sign_up: str = "open"
    http: str = ""
    transport: str = ""
    tenant: str = ""
    limits: str = LIMITS
    soft_limit: str = "1000000/1"
    scheme: str = "http"
    listen: int = 0  # where a proxy finds it, when the issuer's port is that proxy's
    daemon: str = f"workers = {WORKERS}" if WORKERS else ""
    options: tuple[str, ...] = ()
    antarad: subprocess.Popen[bytes] | None = None
    read: list[mailbox.Letter] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "antarad.log").read_text(errors="replace")

    def write_config(self) -> pathlib.Path:
        config = self.folder / "antarad.conf"
        transport = self.transport or f"maildir:{self.folder}/mail"
        listen = self.listen or self.port
        settings = {
            name: getattr(self, name) for name in ("folder", "port", "services", "sign_up", "daemon", "http", "tenant", "limits", "soft_limit", "scheme")
        }
        config.write_text(CONFIG.format(transport=transport, listen=listen, **settings))
        return config

    def start(self) -> None:
        (self.folder / "state").mkdir(exist_ok=True)
        daemon_process.make_kek(ANTARAD, self.folder / "kek")
        self.antarad = daemon_process.start(ANTARAD, self.write_config(), self.address, self.folder / "antarad.log", *self.options)

    def stop(self) -> int:
        assert self.antarad
        process, self.antarad = self.antarad, None
        return private_bus.stop(process)

    def kill(self) -> None:
        """SIGKILL: what was answered must be there after the next start."""
        assert self.antarad
        self.antarad.send_signal(signal.SIGKILL)
        self.antarad.wait()
        self.antarad = None

    def ctl(self, *words: str, user: str | None = None, check: bool = True, as_json: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(ANTARACTL), *(["--json"] if as_json else []), *words]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address}
        return subprocess.run(command, env=environment, user=user, check=check, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)

    def ask(self, *words: str) -> dict[str, object]:
        return dict(json.loads(self.ctl(*words).stdout))

    def add_app(self, name: str = "Bakery", *redirect_uris: str) -> str:
        uris = [word for uri in redirect_uris or ("http://127.0.0.1/callback",) for word in ("--redirect-uri", uri)]
        return str(self.ask("app", "add", name, *uris)["client_id"])

    def letter(self, to: str, seconds: float = 15.0) -> mailbox.Letter:
        """The next letter to that address."""

        def look() -> mailbox.Letter | None:
            self.read += self.mailbox.fresh()
            for letter in self.read:
                if to in letter.to:
                    self.read.remove(letter)
                    return letter
            return None

        letter = wait_until(look, seconds)
        assert isinstance(letter, mailbox.Letter)
        return letter

    def __post_init__(self) -> None:
        self.mailbox = mailbox.Mailbox(self.folder / "mail")


class Forms(html.parser.HTMLParser):
    """The forms of a page: action, and its fields with their values."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.buttons: list[dict[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((values.get("action", ""), {}))
            self.buttons.append({})
        elif tag == "input" and self.forms and "name" in values:
            self.forms[-1][1][values["name"]] = values.get("value", "")
        elif tag == "button" and self.forms and "name" in values:
            self.buttons[-1][values.get("value", "")] = values["name"]


class Person:
    """Somebody with an address and a browser; follows only redirects to the issuer."""

    def __init__(self, house: House, email: str) -> None:
        self.house = house
        self.email = email
        self.web = requests.Session()
        self.web.headers["User-Agent"] = "tests"

    def get(self, url: str) -> requests.Response:
        return self.follow(self.web.get(self.url(url), allow_redirects=False, timeout=20))

    def post(self, url: str, form: dict[str, str]) -> requests.Response:
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.house.issuer}
        return self.follow(self.web.post(self.url(url), data=form, headers=headers, allow_redirects=False, timeout=20))

    def url(self, url: str) -> str:
        return urllib.parse.urljoin(self.house.issuer + "/", url)

    def follow(self, answer: requests.Response) -> requests.Response:
        while answer.status_code == 303 and self.url(answer.headers["Location"]).startswith(self.house.issuer + "/"):
            answer = self.web.get(self.url(answer.headers["Location"]), allow_redirects=False, timeout=20)
        return answer

    def submit(self, page: requests.Response, button: str | None = None, **fields: str) -> requests.Response:
        """Fills in and sends the form of a page that has all these fields, or that button."""
        forms = Forms(page.text)
        for (action, values), buttons in zip(forms.forms, forms.buttons):
            if set(fields) <= set(values) and (button is None or button in buttons):
                pressed = {buttons[button]: button} if button is not None else {}
                return self.post(action or page.url, {**values, **fields, **pressed})
        raise AssertionError(f"no form with {set(fields)} and button {button} on:\n{page.text}")

    def sign_in(self, page: requests.Response | None = None, by_code: bool = False) -> requests.Response:
        """From a page with the address form (or from /login) to wherever the sign-in ends."""
        waiting = self.submit(page or self.get("/login"), email=self.email)
        letter = self.house.letter(self.email)
        if by_code:
            return self.submit(waiting, code=letter.code)
        return self.submit(self.get(letter.link))


@contextlib.contextmanager
def new_house(folder: pathlib.Path, address: str, **settings: Any) -> Iterator[House]:
    house = House(folder, address, free_port(), **settings)
    house.start()
    try:
        yield house
    finally:
        if house.antarad:
            code = house.stop()
            assert code == 0, f"antarad ended with {code}:\n{house.log[-4000:]}"


@contextlib.contextmanager
def descriptors_limited(folder: pathlib.Path, soft: int, hard: int) -> Iterator[None]:
    """What starts meanwhile has these limits; not we, who could not raise the hard one again."""
    begin = folder / "begin"
    begin.write_text(f'#!/bin/sh\nulimit -Sn {soft} && ulimit -Hn {hard} && exec {ANTARAD} "$@"\n')
    begin.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "ANTARAD", begin)
        yield


@contextlib.contextmanager
def instead_of(house: House, folder: pathlib.Path, **settings: Any) -> Iterator[House]:
    """Another house on the same bus, while this one is closed."""
    assert house.stop() == 0
    try:
        with new_house(folder, house.address, **settings) as other:
            yield other
    finally:
        house.start()


@contextlib.contextmanager
def new_secure_house(folder: pathlib.Path, address: str, http: str = "", **settings: str) -> Iterator[House]:
    """One that speaks TLS, under a certificate that requests believes."""
    chain, key = certificates.issue(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(chain))
        with new_house(folder, address, scheme="https", http=f"{http}\ntls_certificate = {chain}\ntls_key = {key}", **settings) as running:
            yield running
