# SPDX-License-Identifier: GPL-3.0-or-later
"""Row G5: clients that send or read very slowly, or nothing at all, and many of them: each is cut in its time, and nobody else waits for them."""

import concurrent.futures
import os
import resource
import select
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from house import House, new_house
from raw import connect, headers, read_all, send_all, statuses

LONG = bool(os.environ.get("ANTARA_TEST_LONG"))
HALF_SENT = 5000 if LONG else 1000
SECONDS = 20.0 if LONG else 12.0  # the first half-sent ones are cut after ten, and come again
OPENING_SECONDS = 5.0  # so that they are not all cut at once either: it is the half-sent that are tried, not a rush
PER_ADDRESS = 50
SPARE = 1000  # descriptors of each side that are no clients

HEAD, BODY, IDLE, WRITE = 10.0, 10.0, 15.0, 30.0
LATE = 4.0  # of a busy machine


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < HALF_SENT + SPARE:
        pytest.skip(f"needs {HALF_SENT + SPARE} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with new_house(tmp_path_factory.mktemp("house"), bus, http=f"connections = {HALF_SENT + SPARE // 2}\nconnections_per_address = {PER_ADDRESS}") as running:
        yield running
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


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


# --- many at once ---


@dataclass
class Crowd:
    """Connections that have sent half a head and send a byte a second. Who is cut comes again."""

    house: House
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    cut: int = 0

    def add(self, source: str) -> None:
        client = connect(self.house.port, source)
        client.sendall(sound(self.house)[:-2] + b"X: ")
        self.selector.register(client, selectors.EVENT_READ, source)

    def leave(self, client: socket.socket) -> None:
        self.selector.unregister(client)
        client.close()

    def turn(self, seconds: float) -> None:
        """For so long; those that are cut come again at once."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self.selector.select(left):
                assert isinstance(key.fileobj, socket.socket)
                self.leave(key.fileobj)
                self.add(key.data)
                self.cut += 1

    def drip(self) -> None:
        for key in list(self.selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            send_all(key.fileobj, b"a")

    def end(self) -> None:
        for key in list(self.selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            self.leave(key.fileobj)
        self.selector.close()


# A process of its own: what the crowd costs this one is not the daemon's.
NORMAL = """
import socket, sys, time
request = sys.argv[2].encode().decode("unicode_escape").encode()
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20, source_address=("127.0.4.1", 0)) as client:
        client.sendall(request)
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    print(time.monotonic() - begun)
    time.sleep(0.02)
"""


def test_g5_half_sent_requests_by_the_thousand_delay_nobody(house: House) -> None:
    crowd = Crowd(house)
    try:
        for number in range(HALF_SENT):
            crowd.add(f"127.0.{10 + number // PER_ADDRESS // 250}.{1 + number // PER_ADDRESS % 250}")
            if number % PER_ADDRESS == 0:
                crowd.turn(OPENING_SECONDS * PER_ADDRESS / HALF_SENT)
        request = repr(sound(house).decode())[1:-1]
        normal = subprocess.Popen([sys.executable, "-c", NORMAL, str(house.port), request, str(SECONDS)], stdout=subprocess.PIPE, text=True)
        while normal.poll() is None:
            crowd.drip()
            crowd.turn(1.0)
        assert normal.stdout and normal.returncode == 0
        times = sorted(float(line) for line in normal.stdout)
    finally:
        crowd.end()
    assert crowd.cut >= HALF_SENT // 2
    assert len(times) > 10 * SECONDS
    # One in twenty is left to a machine that does other things meanwhile.
    assert times[len(times) * 95 // 100] < 0.1, f"median {statistics.median(times):.3f} s, longest {times[-1]:.3f} s"
