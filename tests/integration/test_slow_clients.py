# SPDX-License-Identifier: GPL-3.0-or-later
"""Row G5: clients that send or read very slowly, or nothing at all, and many of them: each is cut in its time, and nobody else waits for them."""

import concurrent.futures
import select
import socket
import time
from collections.abc import Iterator

import pytest
from house import House, new_house
from raw import connect, headers, read_all, send_all, statuses

PER_ADDRESS = 50

HEAD, BODY, IDLE, WRITE = 10.0, 10.0, 15.0, 30.0
LATE = 4.0  # of a busy machine


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, http=f"connections_per_address = {PER_ADDRESS}") as running:
        yield running


def sound(house: House, path: str = "/healthz") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode()


def post(house: House, fields: str) -> bytes:
    return f"POST /oauth/token HTTP/1.1\r\nHost: localhost:{house.port}\r\n{fields}\r\n".encode()


# --- each is cut in its time ---


def trickle(house: House, begin: bytes, drop: bytes) -> tuple[float, bytes]:
    """Sends `begin`, then a byte a second; returns how long it was let live, and what came."""
    with connect(house.port, "127.0.2.1", 60) as client:
        begun = time.monotonic()
        client.sendall(begin)
        while True:
            readable, _, _ = select.select([client], [], [], 1.0)
            if readable:
                came = read_all(client)
                return time.monotonic() - begun, came
            send_all(client, drop)


def idle(house: House, begin: bytes) -> tuple[float, bytes]:
    with connect(house.port, "127.0.2.2", 60) as client:
        begun = time.monotonic()
        client.sendall(begin)
        came = read_all(client, 60)
        return time.monotonic() - begun, came


def read_nothing(house: House) -> float:
    """Asks on and on for something large. Returns when the connection was cut under the unread answers."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.bind(("127.0.2.3", 0))
        client.connect(("127.0.0.1", house.port))
        client.setblocking(False)
        cut = select.poll()
        cut.register(client, select.POLLHUP | select.POLLERR)
        begun = time.monotonic()
        asked = sound(house, "/style.css") * 100
        while not cut.poll(100):
            try:
                client.send(asked)
            except (BlockingIOError, ConnectionError):
                pass
            assert time.monotonic() - begun < 90
        return time.monotonic() - begun


def test_g5_each_slow_client_is_cut_in_its_time(house: House) -> None:
    chunked = post(house, "Transfer-Encoding: chunked\r\n")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        head = pool.submit(trickle, house, sound(house)[:-2] + b"X: ", b"a")
        length = pool.submit(trickle, house, post(house, "Content-Length: 1000\r\n"), b"a")
        chunks = pool.submit(trickle, house, chunked, b"1\r\na\r\n")
        nothing = pool.submit(idle, house, b"")
        kept = pool.submit(idle, house, sound(house))
        unread = pool.submit(read_nothing, house)
    for slow, seconds in ((head, HEAD), (length, BODY), (chunks, BODY)):
        lived, came = slow.result()
        assert seconds - 1 < lived < seconds + LATE and statuses(came) == [408]
        assert headers(came)["x-content-type-options"] == "nosniff" and headers(came)["connection"] == "close"
    lived, came = nothing.result()
    assert HEAD - 1 < lived < HEAD + LATE and statuses(came) == []
    lived, came = kept.result()
    assert IDLE - 1 < lived < IDLE + LATE and statuses(came) == [200]
    assert WRITE - 1 < unread.result() < WRITE + 4 * LATE


# --- caps ---


def is_served(house: House, source: str) -> bool:
    with connect(house.port, source, 5) as client:
        send_all(client, sound(house).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        return statuses(read_all(client)) == [200]


def test_g5_an_address_has_so_many_connections_and_takes_none_of_others(house: House) -> None:
    clients = [connect(house.port, "127.0.3.1") for _ in range(PER_ADDRESS)]
    for client in clients:
        client.sendall(sound(house))
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    assert not is_served(house, "127.0.3.1")
    assert is_served(house, "127.0.3.2")
    clients.pop().close()
    deadline = time.monotonic() + 5
    while not is_served(house, "127.0.3.1"):
        assert time.monotonic() < deadline
    for client in clients:
        client.close()
