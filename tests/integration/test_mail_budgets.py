# SPDX-License-Identifier: GPL-3.0-or-later
"""Row M9 of the threat model: whoever asks for more mail than he may is told to wait, and locks nobody out."""

import concurrent.futures
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
from house import House, Person, new_house
from test_limits import AT_ONCE, SourceAddress, limits

OF_EMAIL, OF_CLIENT = 6, 5  # more than the five logins that live at once
EVERYBODY_TIMES = 200  # LIMIT_EVERYBODY_TIMES


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, limits=limits(link_address=OF_EMAIL, link_client=OF_CLIENT)) as running:
        yield running


class Crowd:
    """Strangers, each at an address of his own, and in a browser that was never here."""

    def __init__(self, house: House, network: int) -> None:
        self.house = house
        self.network = network
        self.size = 0

    def stranger(self, email: str) -> Person:
        person = Person(self.house, email)
        person.web.mount("http://", SourceAddress(f"127.{self.network}.{self.size // 250}.{self.size % 250 + 1}"))
        self.size += 1
        return person

    def ask(self, email: str) -> requests.Response:
        with self.stranger(email).web as web:
            return post(web, self.house, email)


def post(web: requests.Session, house: House, email: str) -> requests.Response:
    return web.post(house.issuer + "/login", data={"email": email}, headers={"Origin": house.issuer}, allow_redirects=False, timeout=60)


def is_told_to_wait(answer: requests.Response) -> bool:
    return answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0 and "wait" in answer.text and 'name="email"' in answer.text


def is_signed_in(person: Person) -> bool:
    return person.email in person.get("/me").text


def test_m9_an_address_gets_no_more_mail_whoever_asks_and_a_known_browser_has_its_own_budget(house: House) -> None:
    crowd = Crowd(house, 11)
    owner = crowd.stranger("owner@example.org")
    owner.sign_in()  # one of the budget
    answers = [crowd.ask(owner.email) for _ in range(OF_EMAIL + 3)]
    assert [answer.status_code for answer in answers] == [303] * (OF_EMAIL - 1) + [429] * 4
    assert all(is_told_to_wait(answer) for answer in answers[OF_EMAIL - 1 :])
    for _ in range(OF_EMAIL - 1):
        house.letter(owner.email)
    owner.sign_in()
    assert is_signed_in(owner)
    assert is_told_to_wait(crowd.ask(owner.email))


def test_m9_unknown_addresses_have_the_same_budget(house: House) -> None:
    crowd = Crowd(house, 12)
    counted = Counter(crowd.ask("nobody@example.org").status_code for _ in range(OF_EMAIL + 3))
    assert counted == {303: OF_EMAIL, 429: 3}


def test_m9_a_known_browser_has_no_budget_for_other_addresses(house: House) -> None:
    crowd = Crowd(house, 13)
    mallory = crowd.stranger("mallory@example.org")
    mallory.sign_in()
    answers = [post(mallory.web, house, f"victim{number}@example.org") for number in range(OF_CLIENT)]
    assert [answer.status_code for answer in answers] == [303] * (OF_CLIENT - 1) + [429]


def test_m9_whoever_shares_the_owner_s_client_address_locks_her_out_of_nothing(house: House) -> None:
    crowd = Crowd(house, 14)
    owner = crowd.stranger("shared@example.org")
    owner.sign_in()
    neighbour = Person(house, "neighbour@example.org")
    neighbour.web.mount("http://", SourceAddress("127.14.0.1"))
    asked = [post(neighbour.web, house, f"other{number}@example.org") for number in range(OF_CLIENT)]
    assert is_told_to_wait(asked[-1]) and asked[-2].status_code == 303
    owner.sign_in()
    assert is_signed_in(owner)


def test_m9_a_known_browser_s_own_budget_ends_as_well(house: House) -> None:
    owner = Crowd(house, 15).stranger("eager@example.org")
    owner.sign_in()
    answers = [post(owner.web, house, owner.email) for _ in range(OF_EMAIL + 1)]
    assert [answer.status_code for answer in answers] == [303] * OF_EMAIL + [429]
    assert is_told_to_wait(answers[-1])


def test_m9_strangers_push_out_no_login_of_a_known_browser(house: House) -> None:
    crowd = Crowd(house, 16)
    owner = crowd.stranger("patient@example.org")
    owner.sign_in()
    waiting = owner.submit(owner.get("/login"), email=owner.email)
    letter = house.letter(owner.email)
    assert [crowd.ask(owner.email).status_code for _ in range(OF_EMAIL - 1)] == [303] * (OF_EMAIL - 1)
    owner.submit(waiting, code=letter.code)
    assert is_signed_in(owner)


def test_m9_five_logins_of_an_address_live_and_the_oldest_goes(house: House) -> None:
    crowd = Crowd(house, 17)
    people = [crowd.stranger("five@example.org") for _ in range(6)]
    links = []
    for person in people:
        person.submit(person.get("/login"), email=person.email)
        links.append(house.letter(person.email).link)
    assert [person.get(link).status_code for person, link in zip(people, links)] == [410] + [200] * 5
    people[5].submit(people[5].get(links[5]))
    assert is_signed_in(people[5])


def test_m9_the_budget_of_an_address_is_exact_under_64_clients_at_once(house: House) -> None:
    crowd = Crowd(house, 18)
    strangers = [crowd.stranger("storm@example.org") for _ in range(AT_ONCE)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda stranger: post(stranger.web, house, stranger.email), strangers))
    assert Counter(answer.status_code for answer in answers) == {303: OF_EMAIL, 429: AT_ONCE - OF_EMAIL}


def test_m9_all_strangers_of_a_tenant_have_one_budget_and_a_known_browser_its_own(bus: str, house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert house.stop() == 0  # two can't have the name on the bus
    with new_house(tmp_path_factory.mktemp("crowded"), bus, limits=limits(link_client=1)) as crowded:
        crowd = Crowd(crowded, 19)
        owner = crowd.stranger("owner@example.org")
        owner.sign_in()
        counted = Counter(crowd.ask(f"stranger{number}@example.org").status_code for number in range(EVERYBODY_TIMES + 3))
        assert counted == {303: EVERYBODY_TIMES - 1, 429: 4}
        assert is_told_to_wait(crowd.ask("late@example.org"))
        owner.sign_in()
        assert is_signed_in(owner)
    house.start()
