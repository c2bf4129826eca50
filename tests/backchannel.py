# SPDX-License-Identifier: GPL-3.0-or-later
"""A house whose word of a logout reaches a receiver on loopback: names are what a hosts file of the tests says they are."""

import base64
import contextlib
import json
import pathlib
import subprocess
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

import receiver
import requests
from authlib.jose import JsonWebKey, JsonWebToken
from house import Forms, House, Person, new_house, wait_until

WAIT_SECONDS = 30  # at most, before an app is told
EVENT = "http://schemas.openid.net/event/backchannel-logout"
Claims = dict[str, object]


@dataclass
class Names:
    """/etc/hosts, which this mount namespace alone sees changed."""

    file: pathlib.Path

    def say(self, **addresses: str) -> None:
        """NAME.rp.test is that address, or these; rp.test itself is the receiver."""
        rows = ["127.0.0.1 localhost rp.test", "::1 localhost"]
        rows += [f"{address} {name}.{receiver.NAME}" for name, several in addresses.items() for address in several.split()]
        self.file.write_text("\n".join(rows) + "\n")


@contextlib.contextmanager
def own_names(folder: pathlib.Path) -> Iterator[Names]:
    names = Names(folder / "hosts")
    names.say()
    subprocess.run(["mount", "--bind", str(names.file), "/etc/hosts"], check=True)
    try:
        yield names
    finally:
        subprocess.run(["umount", "/etc/hosts"], check=True)


@dataclass
class Place:
    house: House
    receiver: receiver.Receiver
    names: Names

    def letters(self, path: str) -> list[receiver.Letter]:
        return [letter for letter in self.receiver.letters if letter.path == path]

    def wait(self, path: str, seconds: float = WAIT_SECONDS + 15) -> receiver.Letter:
        """The first letter that comes there."""
        wait_until(lambda: self.letters(path), seconds)
        return self.letters(path)[0]


@contextlib.contextmanager
def new_place(folder: pathlib.Path, address: str) -> Iterator[Place]:
    listening = receiver.Receiver(folder)
    services = f"[service demo]\n\n[courier]\ntest_ca = {listening.ca}"
    try:
        with own_names(folder) as names, new_house(folder, address, services=services) as house:
            yield Place(house, listening, names)
    finally:
        listening.close()


def sign_out(person: Person, url: str = "/oauth/logout") -> requests.Response:
    """Asks, and says yes."""
    page = person.get(url)
    ((action, form),) = [one for one in Forms(page.text).forms if one[0] == "/oauth/logout/confirm"]
    return person.post(action, form)


def id_claims(token: str) -> Claims:
    """What an ID token says; whether it is good is tested elsewhere."""
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def read_token(house: House, letter: receiver.Letter, alg: str = "RS256") -> Claims:
    """OpenID Connect Back-Channel Logout 2.6, by a library that knows only the published keys."""
    assert letter.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = urllib.parse.parse_qs(letter.body, strict_parsing=True)
    assert set(form) == {"logout_token"} and len(form["logout_token"]) == 1
    keys = JsonWebKey.import_key_set(requests.get(house.issuer + "/oauth/jwks", timeout=20).json())
    token = JsonWebToken([alg]).decode(form["logout_token"][0], keys)
    assert token.header["typ"] == "logout+jwt" and token.header["alg"] == alg
    return dict(token)
