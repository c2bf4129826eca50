# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts under load: what the daemon has done it also answers, so no client is left with a token that is spent."""

import http.client
import json
import pathlib
import signal
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from house import House, Person, new_house, wait_until
from oauth import App
from raw import connect, read_all, send_all

CLIENTS = 16
RESTARTS = 8


@dataclass
class Client:
    """Refreshes on one connection as fast as it can, until that ends."""

    app: App
    token: str
    answers: int = 0
    problem: str = ""
    web: http.client.HTTPConnection = field(init=False)

    def connect(self) -> None:
        self.web = http.client.HTTPConnection("127.0.0.1", self.app.house.port, timeout=20)
        self.answers = 0

    def ask(self) -> None:
        form = {"grant_type": "refresh_token", "client_id": self.app.client_id, "refresh_token": self.token}
        headers = {"Host": f"localhost:{self.app.house.port}", "Content-Type": "application/x-www-form-urlencoded"}
        self.web.request("POST", "/oauth/token", urllib.parse.urlencode(form), headers)
        answer = self.web.getresponse()
        said = answer.read().decode()
        if answer.status != 200:
            self.problem = f"{answer.status}: {said}"
            return
        self.token = json.loads(said)["refresh_token"]
        self.answers += 1

    def live(self) -> None:
        try:
            while not self.problem:
                self.ask()
        except (ConnectionError, http.client.HTTPException):
            self.web.close()


@pytest.fixture
def house(bus: str, tmp_path: pathlib.Path) -> Iterator[House]:
    with new_house(tmp_path, bus) as running:
        yield running


def stop_under_load(house: House, clients: list[Client]) -> None:
    for client in clients:
        client.connect()
    threads = [threading.Thread(target=client.live) for client in clients]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(client.answers > 2 or client.problem for client in clients), 60)
    assert house.stop() == 0
    for thread in threads:
        thread.join()


def test_a_restart_under_load_signs_nobody_out(house: House, person: Person) -> None:
    app = App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))
    clients = [Client(app, app.tokens(person)["refresh_token"]) for _ in range(CLIENTS)]
    for _ in range(RESTARTS):
        stop_under_load(house, clients)
        assert [(client.problem, client.answers) for client in clients if client.problem] == []
        house.start()
    for client in clients:
        answer = app.refresh(client.token)
        assert answer.status_code == 200, answer.text


def is_closed(port: int) -> bool:
    try:
        connect(port).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_stop_answers_what_was_under_way(house: House) -> None:
    """The next daemon won't see whoever was accepted by this one, also if he hasn't said all yet, or anything."""
    form = b"grant_type=none&client_id=x"
    head = f"POST /oauth/token HTTP/1.1\r\nHost: localhost:{house.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n".encode()
    request = head + f"Content-Length: {len(form)}\r\n\r\n".encode() + form
    said = [0, 20, len(head), len(request) - len(form), len(request) - 1]
    clients = [connect(house.port) for _ in said]
    for client, count in zip(clients, said):
        send_all(client, request[:count])
    requests.get(f"http://localhost:{house.port}/healthz", timeout=20)  # whoever came before has been accepted
    assert house.antarad
    house.antarad.send_signal(signal.SIGTERM)
    wait_until(lambda: is_closed(house.port))
    for client, count in zip(clients, said):
        send_all(client, request[count:] + b"GET /healthz HTTP/1.1")
    for client in clients:
        assert b'"unsupported_grant_type"' in read_all(client)
        client.close()
    assert house.stop() == 0


def stop_takes(house: House) -> float:
    begun = time.monotonic()
    assert house.stop() == 0
    return time.monotonic() - begun


@pytest.mark.parametrize("half_way, seconds", [(False, 0.8), (True, 2.5)])
def test_a_stop_waits_for_nobody_who_is_owed_nothing(house: House, half_way: bool, seconds: float) -> None:
    """Whoever sits idle after an answer is closed at once; the others have a second for what they began to say."""
    request = f"GET /healthz HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode()
    begun = [b"", request[:20], b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na"]
    alone = stop_takes(house)
    house.start()
    clients = [connect(house.port) for _ in range(40)]
    for number, client in enumerate(clients):
        send_all(client, begun[number % 3] if half_way else request)
    for client in [] if half_way else clients:
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    assert stop_takes(house) < alone + seconds
    for client in clients:
        read_all(client)
        client.close()


def test_a_stop_waits_two_seconds_for_who_takes_no_answers(house: House) -> None:
    asked = f"GET /style.css HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode() * 100
    alone = stop_takes(house)
    house.start()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", house.port))
        client.settimeout(1)
        with pytest.raises(TimeoutError):
            while True:
                client.sendall(asked)
        assert 1.5 < stop_takes(house) < alone + 4
