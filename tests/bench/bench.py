#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed as ratios to a bare libsoup server, in one run: the server on one core, the load on another. Called by scripts/bench."""

import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/integration")]

import house as houses  # noqa: E402
import private_bus  # noqa: E402
from oauth import App  # noqa: E402

ROUNDS = 3
SECONDS = 4
APPS = 8
CHAINS = 8  # of each app: a person has no more than a few sign-ins at one app
CONNECTIONS = APPS * CHAINS
PEOPLE = 100
SCOPE = "profile.basic offline_access"


def pin(pid: int, core: int) -> None:
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def load(url: str, *words: str, **environment: str) -> float:
    """Requests answered by 2xx per second."""
    command = ["taskset", "-c", "1", "wrk", f"-d{SECONDS}s", *words, url]
    out = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    assert not bad, out
    found = re.search(r"Requests/sec:\s+([0-9.]+)", out)
    assert found, out
    return float(found[1])


@contextlib.contextmanager
def bare() -> Iterator[str]:
    port = houses.free_port()
    process = subprocess.Popen([str(houses.BUILD / "tests/bench/bench-bare"), str(port)])
    pin(process.pid, 0)
    try:
        houses.wait_until(lambda: subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/"], capture_output=True, check=False).returncode == 0)
        yield f"http://127.0.0.1:{port}"
    finally:
        private_bus.stop(process)


def memory_mib(pid: int) -> float:
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    assert found
    return int(found[1]) / 1024


def start_ms(house: houses.House) -> float:
    times = []
    for _ in range(ROUNDS):
        house.stop()
        begun = time.monotonic()
        house.start()
        times.append((time.monotonic() - begun) * 1000)
    return statistics.median(times)


def compare(name: str, ours: list[float], theirs: list[float]) -> None:
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    print(
        f"{name:24} {statistics.median(ours):10.0f}/s   bare libsoup {statistics.median(theirs):10.0f}/s   ratio {statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def bytes_of_a_person(house: houses.House) -> float:
    """Of the table, for a person who has signed in once with a new address."""
    table = house.folder / "state/table"
    before = table.stat().st_size
    for number in range(PEOPLE):
        houses.Person(house, f"person{number}@example.org").sign_in()
    return (table.stat().st_size - before) / PEOPLE


def measure(house: houses.House, stock: str) -> dict[str, float]:
    """One core's time for a whole request, in microseconds."""
    person = houses.Person(house, "bench@example.org")
    apps = [App(house, house.add_app(f"Bench {number}", "http://127.0.0.1:9/callback")) for number in range(APPS)]
    app = apps[0]
    access = app.tokens(person)["access_token"]
    assert house.antarad
    print(f"idle memory {memory_mib(house.antarad.pid):.1f} MiB; start after a clean stop {start_ms(house):.0f} ms")
    pin(house.antarad.pid, 0)
    url, host = f"http://127.0.0.1:{house.port}", f"localhost:{house.port}"
    words = ["-t1", f"-c{CONNECTIONS}", "-H", f"Authorization: Bearer {access}", "-H", f"Host: {host}"]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(load(url + "/oauth/userinfo", *words))
        theirs.append(load(stock + "/oauth/userinfo", *words))
    compare("userinfo", ours, theirs)
    prices = {"userinfo": 1e6 / statistics.median(ours)}

    ours, theirs = [], []
    script = ["-t", str(CONNECTIONS), "-c", str(CONNECTIONS), "-s", str(ROOT / "tests/bench/refresh.lua")]
    for _ in range(ROUNDS):
        tokens = house.folder / "tokens"
        tokens.write_text(
            "".join(f"{app.client_id} {app.redeem(app.code(person, scope=SCOPE)).json()['refresh_token']}\n" for app in apps for _ in range(CHAINS))
        )
        environment = {"TOKENS": str(tokens), "HOST": host}
        ours.append(load(url, *script, **environment))
        theirs.append(load(stock, *script, **environment, BARE="1"))
    compare("refresh, durable", ours, theirs)
    prices["refresh"] = 1e6 / statistics.median(ours)
    print(f"memory after the load {memory_mib(house.antarad.pid):.1f} MiB")
    print(f"bytes of the table for a person who signed in once: {bytes_of_a_person(house):.0f}", flush=True)
    return prices


def store(prices: dict[str, float], words: list[str]) -> None:
    """On the disk of the build, which is one; a temporary directory may be memory."""
    with tempfile.TemporaryDirectory(prefix="antara-bench-", dir=houses.BUILD) as folder:
        asked = [f"--{name}-usec={price:.1f}" for name, price in prices.items()]
        subprocess.run([str(houses.BUILD / "tests/bench/bench-store"), "--dir", folder, *asked, *words], check=True)


def main() -> None:
    http = "connections_per_address = 1000"
    with private_bus.private_bus(ROOT) as address, bare() as stock, tempfile.TemporaryDirectory(prefix="antara-bench-") as folder:
        with houses.new_house(pathlib.Path(folder), address, http=http) as house:
            prices = measure(house, stock)
    store(prices, sys.argv[1:])


if __name__ == "__main__":
    main()
