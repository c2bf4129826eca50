# SPDX-License-Identifier: GPL-3.0-or-later
"""Row K1: SIGKILL again and again under load, with a ledger of every answer: all of it is there; spent stays spent."""

import os
import random
import threading
import time
from dataclasses import dataclass, field

import requests
from house import House, Person
from oauth import App

KILLS = 1000 if "ANTARA_TEST_LONG" in os.environ else 200
CLIENTS = 4
SEED = int(os.environ.get("ANTARA_TEST_SEED", random.SystemRandom().randrange(1 << 32)))


@dataclass
class Client:
    """Refreshes as fast as it can. Whether a request without an answer was done, nobody knows: then it begins a new chain."""

    app: App
    person: Person
    tokens: dict[str, str]
    answers: int = 0
    unanswered: bool = False
    spent: list[str] = field(default_factory=list)  # refresh tokens whose successor was answered
    problem: str = ""

    def ask(self, web: requests.Session) -> None:
        form = {"grant_type": "refresh_token", "client_id": self.app.client_id, "refresh_token": self.tokens["refresh_token"]}
        answer = web.post(self.app.house.issuer + "/oauth/token", data=form, timeout=20)
        if answer.status_code != 200:
            self.problem = f"{answer.status_code}: {answer.text}"
            return
        self.spent.append(self.tokens["refresh_token"])
        self.tokens = answer.json()
        self.answers += 1

    def live(self, gone: threading.Event) -> None:
        web = requests.Session()
        while not gone.is_set() and not self.problem:
            try:
                self.ask(web)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                self.unanswered = True
                return

    def go_on(self) -> None:
        """After a start: what was answered is there, and what was spent before it stays spent."""
        assert not self.problem, self.problem
        assert self.app.userinfo(self.tokens["access_token"]).status_code == 200, "an answered token is gone"
        if self.unanswered:
            assert self.app.refresh(self.spent[-1]).json()["error"] == "invalid_grant", "a spent token is good again"
            assert self.app.userinfo(self.tokens["access_token"]).status_code == 401, "its use did not end the chain"
            self.tokens = self.app.tokens(self.person)
            self.unanswered = False
        self.ask(requests.Session())
        assert not self.problem, f"an answered refresh token is gone: {self.problem}"


@dataclass
class Ledger:
    clients: list[Client]
    revoked: list[str] = field(default_factory=list)  # access tokens whose revocation was answered

    def run_until_killed(self, house: House, seconds: float) -> None:
        gone = threading.Event()
        threads = [threading.Thread(target=client.live, args=(gone,)) for client in self.clients]
        for thread in threads:
            thread.start()
        time.sleep(seconds)  # the moment is random; nothing waits for it
        house.kill()
        gone.set()
        for thread in threads:
            thread.join()

    def verify(self, app: App) -> None:
        for client in self.clients:
            client.go_on()
        for token in self.revoked:
            assert app.userinfo(token).status_code == 401, "what was revoked is back"

    def revoke_one(self, app: App) -> None:
        """Ends one access token of the first client, in a place of its chain."""
        client = self.clients[0]
        token = client.tokens["access_token"]
        client.ask(requests.Session())
        assert app.post("/oauth/revoke", client_id=app.client_id, token=token).status_code == 200
        self.revoked.append(token)


def test_k1_a_thousand_kills_lose_nothing(house: House) -> None:
    app = App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))
    people = [Person(house, f"person-{number}@example.org") for number in range(CLIENTS)]
    ledger = Ledger([Client(app, person, app.tokens(person)) for person in people])
    code = app.code(people[0])
    assert app.redeem(code).status_code == 200
    moments = random.Random(SEED)
    print(f"ANTARA_TEST_SEED={SEED}")
    for client in ledger.clients:
        client.ask(requests.Session())
    for kill in range(KILLS):
        if kill % 20 == 19:
            ledger.revoke_one(app)
        ledger.run_until_killed(house, moments.uniform(0.0, 0.15))
        house.start()
        ledger.verify(app)
        ledger.revoked = ledger.revoked[-3:]
    assert sum(client.answers for client in ledger.clients) > KILLS * CLIENTS
    for person in people:
        assert person.email in person.get("/me").text
    assert app.redeem(code).json()["error"] == "invalid_grant"
    for client in ledger.clients:
        assert app.refresh(client.spent[0]).json()["error"] == "invalid_grant"


def test_a_kill_in_the_middle_of_a_clean_stop_loses_nothing(house: House, person: Person) -> None:
    app = App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))
    client = Client(app, person, app.tokens(person))
    moments = random.Random(SEED)
    for _ in range(30):
        client.ask(requests.Session())
        assert house.antarad
        house.antarad.terminate()
        time.sleep(moments.uniform(0.0, 0.02))  # the moment is random; nothing waits for it
        house.kill()
        house.start()
        Ledger([client]).verify(app)
