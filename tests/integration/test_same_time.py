# SPDX-License-Identifier: GPL-3.0-or-later
"""Row M5 of the threat model: who asks for a link learns nothing about the address, by 2,000 requests of each kind and their times.

Each round asks once for each kind, in random order, and looks at the page behind.
"""

import http.client
import pathlib
import random
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from house import House, free_port, new_house, wait_until
from likeness import Pairs, ahead_of_others, expect_alike

ROUNDS = 2000
BATCHES_MAX = 4
KINDS = ("known", "ghost", "ended")  # of one length; the last is suspended
PEOPLE = 5  # of each kind

Shape = tuple[int, tuple[tuple[str, int], ...], int]


@dataclass
class Times:
    """Nanoseconds of the answer to asking, and of the page that a browser opens next."""

    answer: list[int] = field(default_factory=list)
    page: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def smtp_port() -> Iterator[int]:
    """A mail server in a process of its own, so that its work is not the client's."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_until(lambda: listens(port))
        yield port
        server.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def house(bus: str, smtp_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: pathlib.Path = tmp_path_factory.mktemp("house")
    with new_house(folder, bus, sign_up="invited", transport=f"smtp://127.0.0.1:{smtp_port}") as running:
        for number in range(PEOPLE):
            for kind in ("known", "ended"):
                running.ctl("account", "add", address(kind, number))
            running.ctl("account", "suspend", address("ended", number))
        yield running


def address(kind: str, number: int) -> str:
    return f"{kind}-{number % PEOPLE}@example.org"


def shape(answer: http.client.HTTPResponse, text: bytes) -> Shape:
    """Sizes. Of the asker's own budget the numbers run with the clock, whoever is asked for, so they count as one digit."""
    sizes = tuple((name, len(re.sub(r"\d+", "0", value) if name == "RateLimit" else value)) for name, value in answer.getheaders())
    return answer.status, sizes, len(text)


class Asker:
    """One connection, and in each round a browser that was never here."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.connection = http.client.HTTPConnection("localhost", house.port, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, Shape, http.client.HTTPMessage]:
        begun = time.perf_counter_ns()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        taken = time.perf_counter_ns() - begun
        return taken, shape(answer, text), answer.headers

    def ask(self, email: str, times: Times) -> tuple[Shape, Shape]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.house.issuer}
        taken, first, got = self.request("POST", "/login", urllib.parse.urlencode({"email": email}), headers)
        times.answer.append(taken)
        taken, second, _ = self.request("GET", "/login/check", None, {"Cookie": got["Set-Cookie"].split(";")[0]})
        times.page.append(taken)
        return first, second


def ask_rounds(asker: Asker, times: dict[str, Times], shapes: set[tuple[Shape, Shape]]) -> None:
    for number in range(ROUNDS):
        for kind in random.sample(KINDS, len(KINDS)):
            shapes.add(asker.ask(address(kind, number), times[kind]))


def pairs_of(times: dict[str, Times]) -> Pairs:
    """What a known address takes beside each other kind."""
    known = times["known"]
    others = {kind: times[kind] for kind in KINDS if kind != "known"}
    return {
        **{f"answer to {kind}": (known.answer, other.answer) for kind, other in others.items()},
        **{f"page of {kind}": (known.page, other.page) for kind, other in others.items()},
    }


def test_m5_2000_requests_of_each_kind_look_and_last_alike(house: House) -> None:
    assert house.antarad
    asker = Asker(house)
    times = {kind: Times() for kind in KINDS}
    shapes: set[tuple[Shape, Shape]] = set()
    with ahead_of_others(house.antarad.pid):
        expect_alike(lambda: ask_rounds(asker, times, shapes), lambda: pairs_of(times), BATCHES_MAX)
    assert len(shapes) == 1, shapes  # status, headers and sizes
    (first, second), *_ = shapes
    assert (first[0], second[0]) == (303, 200)
    wait_until(lambda: house.ask("status")["mail_waiting"] == 0)
