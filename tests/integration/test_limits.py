# SPDX-License-Identifier: GPL-3.0-or-later
"""Hard limits: exact under 64 clients at once, paid by whoever holds a right secret, told in the answer."""

import concurrent.futures
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import requests.adapters
from house import LIMITS, House, Person, new_house
from oauth import REDIRECT_URI, App
from test_api_keys import exchange, new_key

AT_ONCE = 64
DAY = 86400  # so that nothing of a budget comes back while a test runs
SMALL = {"token_client": 40, "token_app": 80, "token_chain": 5, "key_exchange": 30, "user_code": 5, "device_client": 10}
POLICY = re.compile(r'"([a-z_]+)";q=(\d+);w=(\d+)')
LEFT = re.compile(r'"([a-z_]+)";r=(\d+);t=(\d+)')


def limits(**counts: int) -> str:
    words = [word for word in LIMITS.split() if word.split(":")[0] not in counts]
    return " ".join([*words, *(f"{name}:{count}/{DAY}" for name, count in counts.items())])


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, limits=limits(**SMALL)) as running:
        yield running


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", REDIRECT_URI))


class SourceAddress(requests.adapters.HTTPAdapter):
    """Comes from another address of this machine, so that its budgets are its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(pool_maxsize=AT_ONCE)

    def init_poolmanager(self, *words: Any, **named: Any) -> None:
        super().init_poolmanager(*words, source_address=(self.address, 0), **named)


def from_address(address: str) -> requests.Session:
    web = requests.Session()
    web.mount("http://", SourceAddress(address))
    return web


def at_once(ask: Callable[[int], requests.Response]) -> list[requests.Response]:
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(AT_ONCE)))


def statuses(answers: list[requests.Response]) -> Counter[int]:
    """How many of each; each refused one says when to come again."""
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 429)
    return Counter(answer.status_code for answer in answers)


def test_an_app_gets_exactly_what_it_may_and_who_is_refused_loses_nothing(house: House, app: App) -> None:
    people = [Person(house, f"baker{number}@example.org") for number in range(2)]
    tokens = [app.tokens(person)["refresh_token"] for person in people for _ in range(AT_ONCE // 2)]
    answers = at_once(lambda number: app.refresh(tokens[number]))
    assert statuses(answers) == {200: SMALL["token_app"] - AT_ONCE, 429: 2 * AT_ONCE - SMALL["token_app"]}
    kept = [token for token, answer in zip(tokens, answers) if answer.status_code == 429]
    assert all(app.refresh(token).status_code == 429 for token in kept)  # still the newest of its chain: no reuse
    assert not any(answer.headers.get("RateLimit", "").startswith('"token_app"') for answer in answers)  # what others left


def test_a_chain_gets_exactly_what_it_may_and_is_told(house: House, app: App, person: Person) -> None:
    answer = app.redeem(app.code(person))
    for used in range(1, SMALL["token_chain"] + 1):
        assert answer.status_code == 200
        assert POLICY.fullmatch(answer.headers["RateLimit-Policy"]).groups() == ("token_chain", str(SMALL["token_chain"]), str(DAY))  # type: ignore[union-attr]
        left = LEFT.fullmatch(answer.headers["RateLimit"])
        assert left and left[1] == "token_chain" and int(left[2]) == SMALL["token_chain"] - used and int(left[3]) > 0
        answer = app.refresh(answer.json()["refresh_token"]) if used < SMALL["token_chain"] else answer
    refused = app.refresh(answer.json()["refresh_token"])
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert app.userinfo(answer.json()["access_token"]).status_code == 200  # nothing was taken from it


def test_a_key_is_exchanged_exactly_as_often_as_it_may(house: House) -> None:
    secret = new_key(house, house.add_app("Keys"))["secret"]
    assert statuses(at_once(lambda _: exchange(house, secret))) == {200: SMALL["key_exchange"], 429: AT_ONCE - SMALL["key_exchange"]}


def test_o11_wrong_codes_have_a_budget_for_each_session(house: House, person: Person) -> None:
    person.sign_in()
    asked = [person.submit(person.get("/d"), user_code="BCDF-GHJK") for _ in range(SMALL["user_code"] + 2)]
    assert [page.status_code for page in asked] == [400] * SMALL["user_code"] + [429] * 2
    assert int(asked[-1].headers["Retry-After"]) > 0


def test_o11_device_codes_have_a_budget_for_each_address(house: House, app: App) -> None:
    counted = statuses(at_once(lambda _: app.post("/oauth/device", client_id=app.client_id, scope="openid")))
    assert counted == {200: SMALL["device_client"], 429: AT_ONCE - SMALL["device_client"]}


def test_o11_a_poll_too_soon_is_told_to_slow_down_and_no_429(house: House, app: App) -> None:
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    for number in range(SMALL["token_client"] + 2):
        answer = app.post("/oauth/token", grant_type=grant, client_id=app.client_id, device_code="made-up")
        assert answer.status_code == 400 and answer.json()["error"] in ("invalid_grant", "slow_down"), number
    assert answer.json()["error"] == "slow_down"


def test_an_address_without_a_right_secret_gets_exactly_what_it_may(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    form = {"grant_type": "refresh_token", "client_id": app.client_id}
    with from_address("127.0.0.2") as web:
        counted = statuses(at_once(lambda number: web.post(house.issuer + "/oauth/token", data={**form, "refresh_token": f"urt_{number}"}, timeout=20)))
        assert counted == {400: SMALL["token_client"], 429: AT_ONCE - SMALL["token_client"]}
        assert web.post(house.issuer + "/oauth/token", data={**form, "refresh_token": tokens["refresh_token"]}, timeout=20).status_code == 200
