#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed as ratios to other servers, in one run: the server on one core, the load on another. Called by scripts/bench."""

import argparse
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/integration")]

import house as houses  # noqa: E402
import private_bus  # noqa: E402
import servers  # noqa: E402
from load import memory_mib  # noqa: E402

PEOPLE = 100
HTTP = "connections_per_address = 10000"
# What is wanted of antarad against another server: by part, then by the other's name.
READS = {"bare libsoup": 1.5, "oidc-provider": 7.0, "glewlwyd": 15.0}
AIMS = {"introspection": READS, "userinfo": READS, "refresh": {"bare libsoup": 0.8, "oidc-provider": 4.0, "glewlwyd": 80.0}}


@dataclass
class Figures:
    """Of one server and part: a value for each round."""

    rates: list[float] = field(default_factory=list)
    cpu_usec: list[float] = field(default_factory=list)


def in_words(values: list[float], form: str = ".2f") -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


@dataclass
class Comparison:
    part: str
    figures: dict[str, Figures] = field(default_factory=dict)

    def add(self, server: servers.Server, seconds: float) -> None:
        result = server.part(self.part, seconds)
        figures = self.figures.setdefault(server.name, Figures())
        figures.rates.append(result.rate)
        figures.cpu_usec.append(result.cpu_usec)

    def ratios(self, other: str) -> tuple[list[float], list[float]]:
        """By requests a second, and by processor time for a request; over 1 is better than the other."""
        ours, theirs = self.figures["antarad"], self.figures[other]
        return [mine / his for mine, his in zip(ours.rates, theirs.rates)], [his / mine for mine, his in zip(ours.cpu_usec, theirs.cpu_usec)]

    def print(self) -> None:
        for name, figures in self.figures.items():
            words = f"{self.part:14}{name:15}{statistics.median(figures.rates):8.0f}/s {statistics.median(figures.cpu_usec):8.1f} us"
            if name != "antarad":
                by_rate, by_cpu = self.ratios(name)
                aim = AIMS.get(self.part, {}).get(name)
                words += f"   {in_words(by_rate):24} {in_words(by_cpu):24}" + (f" {aim:g}" if aim else "")
            print(words, flush=True)

    def data(self) -> dict[str, object]:
        others = [name for name in self.figures if name != "antarad"]
        ratios = {name: dict(zip(("rate", "cpu"), self.ratios(name))) for name in others}
        return {"figures": {name: vars(figures) for name, figures in self.figures.items()}, "ratios": ratios, "aims": AIMS.get(self.part, {})}


def compare(parts: list[str], sides: list[servers.Server], rounds: int, seconds: float) -> list[Comparison]:
    """In turns: what disturbs the machine disturbs all of them."""
    print(f"{'':29}{'median':>10} {'processor':>11}   {'antarad times this':24} {'by processor time':24} aim", flush=True)
    found = []
    for part in parts:
        comparison = Comparison(part)
        for server in sides:
            server.prepare(part)
        for _ in range(rounds):
            for server in sides:
                comparison.add(server, seconds)
        comparison.print()
        found.append(comparison)
    return found


def start_ms(house: houses.House, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        house.stop()
        begun = time.monotonic()
        house.start()
        times.append((time.monotonic() - begun) * 1000)
    return statistics.median(times)


def bytes_of_a_person(house: houses.House) -> float:
    """Of the table, for a person who has signed in once with a new address."""
    table = house.folder / "state/table"
    before = table.stat().st_size
    for number in range(PEOPLE):
        houses.Person(house, f"person{number}@example.org").sign_in()
    return (table.stat().st_size - before) / PEOPLE


def whole(house: houses.House, rounds: int) -> dict[str, float]:
    """What concerns antarad alone."""
    assert house.antarad
    idle = memory_mib(house.antarad.pid)
    found = {"idle_mib": idle, "start_ms": start_ms(house, rounds), "person_bytes": bytes_of_a_person(house)}
    print(
        f"idle memory {found['idle_mib']:.1f} MiB; start after a clean stop {found['start_ms']:.0f} ms; "
        f"a person who signed in once takes {found['person_bytes']:.0f} bytes of the table"
    )
    return found


def store(parts: list[Comparison], words: list[str]) -> None:
    """On the disk of the build, which is one; a temporary directory may be memory. It is told one core's whole time for a request."""
    prices = {part.part: 1e6 / statistics.median(part.figures["antarad"].rates) for part in parts}
    asked = [f"--{name}-usec={prices[name]:.1f}" for name in ("userinfo", "refresh") if name in prices]
    with tempfile.TemporaryDirectory(prefix="antara-bench-", dir=houses.BUILD) as folder:
        subprocess.run([str(houses.BUILD / "tests/bench/bench-store"), "--dir", folder, *asked, *words], check=True)


def arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description="What is not known here goes to bench-store: --large, --only NAME.")
    parser.add_argument("--json", action="store_true", help="all figures as JSON on standard output, at the end")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round of one part against one server")
    parser.add_argument("--parts", default=",".join(servers.PARTS), help="of: %(default)s")
    parser.add_argument("--no-store", action="store_true", help="HTTP alone")
    return parser.parse_known_args()


def main() -> None:
    options, words = arguments()
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(private_bus.private_bus(ROOT))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="antara-bench-", dir=houses.BUILD))
        house = stack.enter_context(houses.new_house(pathlib.Path(folder), address, http=HTTP))
        alone = whole(house, options.rounds)
        sides = [servers.antara(house), stack.enter_context(servers.bare())]
        parts = compare(options.parts.split(","), sides, options.rounds, options.seconds)
    if not options.no_store:
        store(parts, words)
    if options.json:
        print(json.dumps({"whole": alone, "parts": {part.part: part.data() for part in parts}}))


if __name__ == "__main__":
    main()
