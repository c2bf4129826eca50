# SPDX-License-Identifier: GPL-3.0-or-later
"""/.well-known/security.txt: whom to tell of a hole (RFC 9116)."""

import datetime
from collections.abc import Iterator

import pytest
import requests
from house import House, new_house

PATH = "/.well-known/security.txt"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, tenant="security_contact = mailto:security@example.org") as running:
        yield running


def test_the_contact_of_the_configuration_is_told_and_is_not_stale(house: House) -> None:
    answer = requests.get(house.issuer + PATH, timeout=20)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert set(fields) == {"Contact", "Expires", "Canonical"} and len(answer.text.splitlines()) == 3
    assert fields["Contact"] == "mailto:security@example.org" and fields["Canonical"] == house.issuer + PATH
    left = datetime.datetime.fromisoformat(fields["Expires"].replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(days=7) < left < datetime.timedelta(days=365)
