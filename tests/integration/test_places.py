# SPDX-License-Identifier: GPL-3.0-or-later
"""Places for connections: as many as the descriptors allow, and no burst takes more."""

import contextlib
import pathlib
import resource
import signal
import socket
from collections.abc import Iterator

import requests
from house import House, descriptors_limited, new_house, wait_until
from raw import connect

PLACES = 20
BURST = 60  # fewer than one turn of the listener accepts
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
