# SPDX-License-Identifier: GPL-3.0-or-later
"""Places for connections: as many as the descriptors allow, and no burst takes more."""

import contextlib
import pathlib
import resource
import select
import signal
import socket
import time
from collections.abc import Iterator

import pytest
import requests
from house import House, descriptors_limited, new_house, new_secure_house, wait_until
from raw import connect

PLACES = 20
BURST = 60  # fewer than one turn of the listener accepts
LATE = 0.5  # of a busy machine
KEPT = 64 + 8 + 32  # descriptors of the rest of a daemon with one worker


@contextlib.contextmanager
def held_up(house: House) -> Iterator[None]:
    """The daemon stands still; whoever connects waits in the kernel's queue."""
    assert house.antarad
    house.antarad.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        house.antarad.send_signal(signal.SIGCONT)


def close_all(clients: list[socket.socket]) -> None:
    for client in clients:
        client.close()


def connections(house: House) -> int:
    count = house.ask("status")["http_connections"]
    assert isinstance(count, int)
    return count


def test_g5_a_burst_takes_no_more_places_than_there_are(bus: str, tmp_path: pathlib.Path) -> None:
    with new_house(tmp_path, bus, daemon="workers = 1", http=f"connections = {PLACES}") as house:
        with held_up(house):
            clients = [connect(house.port) for _ in range(BURST)]
        wait_until(lambda: connections(house) >= PLACES)
        assert connections(house) == PLACES
        close_all(clients)
        wait_until(lambda: connections(house) == 0)
        assert requests.get(house.issuer + "/healthz", timeout=5).status_code == 200


def soft_limit(house: House) -> int:
    assert house.antarad
    return resource.prlimit(house.antarad.pid, resource.RLIMIT_NOFILE)[0]


def test_g5_the_daemon_takes_the_descriptors_that_it_may_have(bus: str, tmp_path: pathlib.Path) -> None:
    with descriptors_limited(tmp_path, 256, 1024), new_house(tmp_path, bus, daemon="workers = 1") as house:
        assert soft_limit(house) == 1024
        assert f"room for {1024 - KEPT} connections at once" in house.log


def test_g5_with_few_descriptors_the_log_tells_how_few_places_there_are(bus: str, tmp_path: pathlib.Path) -> None:
    with descriptors_limited(tmp_path, KEPT + 100, KEPT + 100), new_house(tmp_path, bus, daemon="workers = 1") as house:
        assert "room for 100 connections at once" in house.log
        house.stop()
        house.daemon = "workers = 5"
        house.start()
        assert "room for 68 connections at once" in house.log
        house.stop()
        house.daemon = "workers = 7"
        house.start()
        assert "raise LimitNOFILE= to 216 or more" in house.log
        assert "room for 64 connections at once" in house.log


# --- who goes when they run out ---


def sound(house: House) -> bytes:
    return f"GET /healthz HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode()


def answered(client: socket.socket) -> bool:
    return client.recv(4096).startswith(b"HTTP/1.1 200")


def seconds_until_served(house: House, source: str) -> float:
    begun = time.monotonic()
    with connect(house.port, source) as late:
        late.sendall(sound(house))
        assert answered(late)
    return time.monotonic() - begun


def take_all(house: House, begin: bytes) -> list[socket.socket]:
    """Clients that send this, of so many addresses that each may have some."""
    clients = [connect(house.port, f"127.0.5.{1 + number % 8}") for number in range(PLACES)]
    for client in clients:
        client.sendall(begin)
    return clients


def is_open(client: socket.socket) -> bool:
    """Nothing has come, nor an end."""
    return not select.select([client], [], [], 0)[0]


@pytest.fixture
def small(bus: str, tmp_path: pathlib.Path) -> Iterator[House]:
    """One worker: several know of their own clients alone which of them is idle longest."""
    with new_house(tmp_path, bus, daemon="workers = 1", http=f"connections = {PLACES}\ntrusted_proxies = 127.0.7.1") as running:
        yield running


def test_g5_who_comes_takes_the_place_of_who_was_idle_longest(small: House) -> None:
    clients = take_all(small, b"")
    for client in clients:
        client.sendall(sound(small))
        assert answered(client)
    time.sleep(0.1)  # now they are idle; else somebody else would have to be
    assert seconds_until_served(small, "127.0.6.1") < 0.1
    gone = [client for client in clients if not is_open(client)]
    assert 1 <= len(gone) <= 3 and clients[0] in gone and clients[-1] not in gone
    assert all(client.recv(4096) == b"" for client in gone)
    close_all(clients)


HALVES = [
    b"",
    b"GET /healthz HT",
    b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant",
]


@pytest.mark.parametrize("begin", HALVES, ids=["nothing", "head", "body"])
def test_g5_who_has_sent_half_of_something_goes_after_a_second(small: House, begin: bytes) -> None:
    clients = take_all(small, begin)
    assert seconds_until_served(small, "127.0.6.1") < 1.2 + LATE
    assert sum(not is_open(client) for client in clients) <= 3
    close_all(clients)


@pytest.mark.parametrize("begin", [b"", b"\x16\x03\x01\x02"], ids=["nothing", "hello"])
def test_g5_so_does_who_does_not_go_on_with_a_handshake(bus: str, tmp_path: pathlib.Path, begin: bytes) -> None:
    with new_secure_house(tmp_path, bus, http=f"connections = {PLACES}") as house:
        clients = take_all(house, begin)
        begun = time.monotonic()
        assert requests.get(house.issuer + "/healthz", timeout=20).status_code == 200
        assert time.monotonic() - begun < 1.2 + LATE
        close_all(clients)


def test_g5_they_come_again_at_once_and_nobody_waits_longer(small: House) -> None:
    """Each that is cut comes again, and sends as much: a newcomer has a place within a second and a bit, every time."""
    clients = take_all(small, b"GET /healthz HT")
    for _ in range(5):
        assert seconds_until_served(small, "127.0.6.1") < 1.2 + LATE
        for number, client in enumerate(clients):
            if not is_open(client):
                client.close()
                clients[number] = connect(small.port, "127.0.5.9")
                clients[number].sendall(b"GET /healthz HT")
    close_all(clients)


def test_g5_who_is_owed_an_answer_or_is_a_trusted_proxy_keeps_its_place(small: House) -> None:
    """Half of them take no answers, the others are idle connections of a proxy: who comes waits until one goes by itself."""
    clients = [connect(small.port, "127.0.7.1") for _ in range(PLACES // 2)]
    for client in clients:
        client.sendall(sound(small))
        assert answered(client)
    unread = [socket.socket() for _ in range(PLACES // 2)]
    for number, client in enumerate(unread):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.bind((f"127.0.5.{1 + number % 8}", 0))
        client.settimeout(0.5)
        client.connect(("127.0.0.1", small.port))
        with pytest.raises(TimeoutError):
            while True:
                client.sendall(sound(small).replace(b"healthz", b"style.css") * 20)
    with connect(small.port, "127.0.6.1") as late:
        late.sendall(sound(small))
        assert not select.select([late], [], [], 1.5)[0]
        assert all(is_open(client) for client in clients)
        clients.pop().close()
        assert answered(late)
    close_all(clients + unread)
