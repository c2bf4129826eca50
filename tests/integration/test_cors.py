# SPDX-License-Identifier: GPL-3.0-or-later
"""Which answers scripts of other sites may read: over every route of the tables, as the daemon answers it."""

import re

import pytest
import requests
from house import ROOT, House

ROW = re.compile(r'\{"(/[^"]*)", VERB_(GET|POST), FACE_')
SHARED = {
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/oauth/jwks",
    "/oauth/token",
    "/oauth/userinfo",
    "/oauth/revoke",
}
ORIGIN = {"Origin": "https://spa.example"}
CORS = "Access-Control-"
EXPOSED = {"WWW-Authenticate", "RateLimit", "RateLimit-Policy", "Retry-After"}

ROUTES = sorted({(path.replace("*", "BCDF-GHJK"), verb) for file in (ROOT / "daemon/http").glob("*.c") for path, verb in ROW.findall(file.read_text())})


def cors_of(answer: requests.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith(CORS)}


def words(answer: requests.Response, name: str) -> set[str]:
    return set(answer.headers.get(CORS + name, "").split(", "))


def test_the_routes_were_found() -> None:
    assert len(ROUTES) > 25 and SHARED < {path for path, _ in ROUTES}


@pytest.mark.parametrize(("path", "verb"), ROUTES)
def test_a_script_of_another_site_reads_what_browsers_need_and_no_more(house: House, path: str, verb: str) -> None:
    answer = requests.request(verb, house.issuer + path, headers=ORIGIN, allow_redirects=False, timeout=20)
    if path not in SHARED:
        assert not cors_of(answer)
        return
    assert set(cors_of(answer)) == {CORS + "Allow-Origin", CORS + "Expose-Headers"}  # no credentials
    assert answer.headers[CORS + "Allow-Origin"] == "*" and words(answer, "Expose-Headers") == EXPOSED


@pytest.mark.parametrize(("path", "verb"), ROUTES)
def test_a_preflight_is_answered_where_the_request_would_be(house: House, path: str, verb: str) -> None:
    asked = {**ORIGIN, CORS + "Request-Method": verb, CORS + "Request-Headers": "authorization,content-type"}
    answer = requests.options(house.issuer + path, headers=asked, timeout=20)
    if path not in SHARED:
        assert answer.status_code == 405 and not cors_of(answer)
        return
    assert answer.status_code == 204 and not answer.content
    assert answer.headers[CORS + "Allow-Origin"] == "*" and CORS + "Allow-Credentials" not in answer.headers
    assert verb in words(answer, "Allow-Methods") and words(answer, "Allow-Headers") == {"Authorization", "Content-Type"}
    assert int(answer.headers[CORS + "Max-Age"]) > 0 and answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("asked", [{**ORIGIN, CORS + "Request-Method": "DELETE"}, {**ORIGIN, CORS + "Request-Method": "GET"}, ORIGIN, {}])
def test_what_is_no_preflight_of_a_route_is_a_method_that_is_not_here(house: House, asked: dict[str, str]) -> None:
    answer = requests.options(house.issuer + "/oauth/token", headers=asked, timeout=20)
    assert answer.status_code == 405 and not cors_of(answer)


def test_without_an_origin_nothing_is_said(house: House) -> None:
    assert not cors_of(requests.get(house.issuer + "/oauth/jwks", timeout=20))


def test_what_is_refused_can_be_read_too(house: House) -> None:
    for form in ({"grant_type": "password"}, {"x": "y" * 10_000}):
        answer = requests.post(house.issuer + "/oauth/token", data=form, headers=ORIGIN, timeout=20)
        assert answer.status_code == 400 and answer.headers[CORS + "Allow-Origin"] == "*"
