# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's sssd-idp: its oidc_child signs in through the device grant, over TLS, as it insists."""

import json
import pathlib
import subprocess
from collections.abc import Iterator

import pytest
from consent import approve
from house import House, Person, new_secure_house

OIDC_CHILD = "/usr/libexec/sssd/oidc_child"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_secure_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


def oidc_child(house: House, client_id: str, step: str, typed: str = "") -> str:
    words = ["--issuer-url", house.issuer, "--ca-db", str(house.folder / "chain.pem"), "--client-id", client_id, "--scope", "openid"]
    command = [OIDC_CHILD, *words, "--user-identifier-attribute", "sub", "--logger=stderr", step]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_oidc_child_signs_in_by_the_device_grant(house: House, person: Person) -> None:
    client_id = house.add_app("Workstation")
    person.sign_in()
    device, shown = oidc_child(house, client_id, "--get-device-code").splitlines()
    approve(person, json.loads(shown.removeprefix("oauth2 "))["user_code"])
    user = oidc_child(house, client_id, "--get-access-token", typed=device).strip()
    assert len(user) == 22, user
