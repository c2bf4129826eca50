# SPDX-License-Identifier: GPL-3.0-or-later
"""antarad alone, or with many who do nothing; what its memory does; and what a second worker costs."""

import contextlib
import pathlib
import socket
import statistics
from collections.abc import Iterator

import house as houses
import servers
from comparison import in_words
from load import memory_mib

IDLE = 5000
IDLE_RATIO_MIN = 2 / 3  # of the throughput without them
READS = 1_000_000
STEPS = 5  # looks at the memory
MEMORY_MAX_MIB = 25
TWO_WORKERS_MAX = 1.15  # processor time for a request, of one's


@contextlib.contextmanager
def idle_connections(port: int, host: str) -> Iterator[None]:
    """Each has asked once, and keeps its connection."""
    ask = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(IDLE)]
        for connection in found:
            connection.sendall(ask)
        for connection in found:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        yield


def verdict(holds: bool) -> str:
    return "holds" if holds else "MISSED"


def among_idle(server: servers.Server, rounds: int, seconds: float) -> dict[str, list[float]]:
    alone, among = [], []
    for _ in range(rounds):
        alone.append(server.part("userinfo", seconds).rate)
        with idle_connections(server.target.port, server.target.host):
            among.append(server.part("userinfo", seconds).rate)
    ratios = [one / other for one, other in zip(among, alone)]
    print(
        f"userinfo among {IDLE} idle connections: {in_words(ratios)} of the rate without; at least 2/3 {verdict(statistics.median(ratios) >= IDLE_RATIO_MIN)}"
    )
    return {"rate_among_idle": ratios}


def one_connection(server: servers.Server, bare: servers.Server, rounds: int, seconds: float) -> dict[str, list[float]]:
    ratios = [server.part("userinfo", seconds, 1).rate / bare.part("userinfo", seconds, 1).rate for _ in range(rounds)]
    print(f"userinfo on one connection alone: {in_words(ratios)} of bare libsoup; at least 1 {verdict(statistics.median(ratios) >= 1)}")
    return {"rate_of_one_connection": ratios}


def memory(server: servers.Server, reads: int) -> dict[str, list[float]]:
    """After each fifth of the requests, refreshes among them."""
    found = [memory_mib(server.target.pid)]
    made = 0
    while len(found) <= STEPS:
        server.prepare("userinfo")
        server.part("refresh", 0.5)
        while made < reads // STEPS * len(found):
            made += server.part("userinfo", 1.0).rounds
        found.append(memory_mib(server.target.pid))
    words = ", ".join(f"{mib:.1f}" for mib in found)
    print(f"memory before and during {made} userinfos: {words} MiB; below {MEMORY_MAX_MIB} {verdict(max(found) < MEMORY_MAX_MIB)}")
    return {"memory_mib": found}


def two_workers(address: str, folder: pathlib.Path, http: str, size: servers.Size, seconds: float) -> dict[str, list[float]]:
    """Each count in a daemon of its own, on one core, so that the other is the load's."""
    found: dict[int, list[float]] = {}
    for workers in (1, 2):
        place = folder / str(workers)
        place.mkdir()
        with houses.new_house(place, address, http=http, daemon=f"workers = {workers}") as house:
            server = servers.antara(house, size)
            server.prepare("userinfo")
            found[workers] = [server.part("userinfo", seconds).cpu_usec for _ in range(STEPS)]
    ratios = [two / one for one, two in zip(found[1], found[2])]
    print(
        f"processor time for a userinfo, two workers: {in_words(ratios)} of one; at most {TWO_WORKERS_MAX} {verdict(statistics.median(ratios) <= TWO_WORKERS_MAX)}"
    )
    return {"cpu_of_two_workers": ratios}
