# SPDX-License-Identifier: GPL-3.0-or-later
"""Soft limits: of a client address and a class of routes, for all traffic, before any work is done."""

import pathlib
from collections.abc import Iterator

import pytest
import requests
from house import House, new_house, new_secure_house

COUNT = 20


@pytest.fixture
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, soft_limit=f"{COUNT}/3600") as running:
        yield running


def is_served(house: House) -> bool:
    try:
        return requests.get(house.issuer + "/healthz", timeout=20).status_code == 200
    except requests.ConnectionError:
        return False


def test_handshakes_have_a_budget_too(bus: str, tmp_path: pathlib.Path) -> None:
    with new_secure_house(tmp_path, bus, soft_limit=f"{COUNT}/3600") as house:
        with requests.Session() as web:
            assert web.get(house.issuer + "/oauth/jwks", timeout=20).status_code == 200
            assert [is_served(house) for _ in range(COUNT + 2)] == [True] * (COUNT - 1) + [False] * 3
            assert web.get(house.issuer + "/login", timeout=20).status_code == 200  # who is here already stays


def refused(answers: list[requests.Response]) -> requests.Response:
    assert [answer.status_code == 429 for answer in answers] == [False] * COUNT + [True] * (len(answers) - COUNT)
    assert all(0 < int(answer.headers["Retry-After"]) <= 3600 // COUNT for answer in answers[COUNT:])
    assert all(answer.headers["X-Content-Type-Options"] == "nosniff" for answer in answers)
    return answers[-1]


def test_each_class_of_routes_has_its_own_budget(house: House) -> None:
    spa = {"Origin": "https://spa.example"}
    with requests.Session() as web:
        documents = refused([web.get(house.issuer + "/oauth/jwks", headers=spa, timeout=20) for _ in range(COUNT + 3)])
        assert documents.json()["error"] == "temporarily_unavailable" and documents.headers["Access-Control-Allow-Origin"] == "*"
        paths = ("/login", "/me", "/no-such-page", "/style.css")
        page = refused([web.get(house.issuer + paths[number % 4], allow_redirects=False, timeout=20) for number in range(COUNT + 3)])
        assert page.headers["Content-Type"] == "text/plain; charset=utf-8" and "wait" in page.text
        token = refused([web.post(house.issuer + "/oauth/token", data={"grant_type": "password"}, timeout=20) for _ in range(COUNT + 3)])
        assert token.json()["error"] == "temporarily_unavailable"
