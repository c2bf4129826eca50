# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that keep alive and then close, reset, or send nothing: nothing of them stays behind, and the listener lives."""

import os
import pathlib
import socket
import struct
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from house import House, descriptors_limited, new_house, wait_until

CLIENTS = 20_000
WARM_UP = 4_000
AT_ONCE = 50
GROWTH_MIB_MAX = 8  # of the warm daemon; 2 kB for each client would be 40


def descriptors(house: House) -> int:
    assert house.antarad
    return len(os.listdir(f"/proc/{house.antarad.pid}/fd"))


def memory_mib(house: House) -> float:
    assert house.antarad
    for line in pathlib.Path(f"/proc/{house.antarad.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def connect(house: House) -> socket.socket:
    return socket.create_connection(("127.0.0.1", house.port), timeout=20)


def ask(client: socket.socket, house: House) -> None:
    client.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode())


def read_answer(client: socket.socket) -> None:
    answer = client.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200"), answer


def keep_alive_and_close(clients: list[socket.socket], house: House) -> None:
    for client in clients:
        ask(client, house)
    for client in clients:
        read_answer(client)


def keep_alive_and_reset(clients: list[socket.socket], house: House) -> None:
    keep_alive_and_close(clients, house)
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def send_nothing(clients: list[socket.socket], house: House) -> None:
    assert clients and house


def send_half(clients: list[socket.socket], house: House) -> None:
    for client in clients:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")


KINDS: list[Callable[[list[socket.socket], House], None]] = [keep_alive_and_close, keep_alive_and_reset, send_nothing, send_half]


def visit(house: House, count: int) -> None:
    for number in range(count // AT_ONCE):
        clients = [connect(house) for _ in range(AT_ONCE)]
        KINDS[number % len(KINDS)](clients, house)
        for client in clients:
            client.close()


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1"  # else memory that was given back looks kept
    with new_house(tmp_path_factory.mktemp("house"), bus, http="connections_per_address = 1000") as running:
        yield running
    del os.environ["ASAN_OPTIONS"]


def settled(house: House, before: int) -> None:
    wait_until(lambda: descriptors(house) <= before, 40)


def test_of_20000_clients_no_descriptor_and_no_memory_stays_behind(house: House) -> None:
    before = descriptors(house)
    visit(house, WARM_UP)
    settled(house, before)
    warm = memory_mib(house)
    visit(house, CLIENTS)
    settled(house, before)
    assert memory_mib(house) - warm < GROWTH_MIB_MAX
    assert requests.get(house.issuer + "/healthz", timeout=5).status_code == 200
    assert house.ask("status")["http_connections"] == 0


def test_with_few_descriptors_the_listener_lives(house: House) -> None:
    assert house.antarad
    house.stop()
    with descriptors_limited(house.folder, 256, 256):
        house.start()
    before = descriptors(house)
    clients = [connect(house) for _ in range(400)]
    for client in clients:
        client.close()
    settled(house, before)
    visit(house, 1000)
    settled(house, before)
    assert requests.get(house.issuer + "/healthz", timeout=5).status_code == 200


def test_idle_clients_do_not_keep_others_out(house: House) -> None:
    clients = [connect(house) for _ in range(100)]
    begun = time.monotonic()
    assert requests.get(house.issuer + "/healthz", timeout=5).status_code == 200
    assert time.monotonic() - begun < 5
    for client in clients:
        client.close()
