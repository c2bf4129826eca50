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
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests")]

import crowd  # noqa: E402
import house as houses  # noqa: E402
import pam  # noqa: E402
import private_bus  # noqa: E402
import servers  # noqa: E402
from comparison import Comparison, compare  # noqa: E402
from glewlwyd import glewlwyd  # noqa: E402
from load import memory_mib  # noqa: E402
from oidc_provider import oidc_provider  # noqa: E402

NEW_PEOPLE = 100
HTTP = "connections_per_address = 10000"
WHAT = ("start", "oauth", "crowd", "pam", "store")
SIGN_INS = 200
OTHERS = ("libsoup", "oidc-provider", "glewlwyd")


def start_ms(house: houses.House, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        house.stop()
        begun = time.monotonic()
        house.start()
        times.append((time.monotonic() - begun) * 1000)
    return statistics.median(times)


def table_bytes(house: houses.House) -> int:
    """Of all that was written: a stop leaves nothing that waits."""
    house.stop()
    size = (house.folder / "state/table").stat().st_size
    house.start()
    return size


def bytes_of_a_person(house: houses.House) -> float:
    """Of the table, for a person who has signed in once with a new address."""
    before = table_bytes(house)
    for number in range(NEW_PEOPLE):
        houses.Person(house, f"person{number}@example.org").sign_in()
    return (table_bytes(house) - before) / NEW_PEOPLE


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


def sides(stack: contextlib.ExitStack, house: houses.House, folder: pathlib.Path, size: servers.Size, others: list[str]) -> Iterator[servers.Server]:
    yield servers.antara(house, size)
    if "libsoup" in others:
        yield stack.enter_context(servers.bare(size))
    if "oidc-provider" in others:
        yield stack.enter_context(oidc_provider(size))
    if "glewlwyd" in others:
        yield stack.enter_context(glewlwyd(size, folder))


def http(options: argparse.Namespace) -> tuple[dict[str, float], list[Comparison]]:
    size = servers.Size(people=8) if options.short else servers.Size()
    if not {"start", "oauth"} & set(options.what):
        return {}, []
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(private_bus.private_bus(ROOT))
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antara-bench-", dir=houses.BUILD)))
        house = stack.enter_context(houses.new_house(folder, address, http=HTTP, daemon="workers = 1"))
        alone = whole(house, options.rounds) if "start" in options.what else {}
        if "oauth" not in options.what:
            return alone, []
        found = list(sides(stack, house, folder, size, options.against.split(",")))
        return alone, compare(options.parts.split(","), found, options.rounds, options.seconds)


def among_many(options: argparse.Namespace) -> dict[str, list[float]]:
    """What no other server but the bare one is asked for."""
    if "crowd" not in options.what:
        return {}
    size = servers.Size(people=8) if options.short else servers.Size()
    reads = crowd.READS // 100 if options.short else crowd.READS
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(private_bus.private_bus(ROOT))
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antara-bench-", dir=houses.BUILD)))
        found = crowd.two_workers(address, folder, HTTP, size, options.seconds)
        house = stack.enter_context(houses.new_house(folder, address, http=HTTP, daemon="workers = 1"))
        server = servers.antara(house, size)
        server.prepare("userinfo")
        found |= crowd.memory(server, reads)
        found |= crowd.among_idle(server, options.rounds, options.seconds)
        with servers.bare(size) as bare:
            bare.prepare("userinfo")
            found |= crowd.one_connection(server, bare, options.rounds, options.seconds)
        return found


def at_a_prompt(options: argparse.Namespace) -> dict[str, list[float]]:
    if "pam" not in options.what:
        return {}
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(private_bus.private_bus(ROOT))
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antara-bench-", dir=houses.BUILD)))
        return pam.measure(address, folder, SIGN_INS // 10 if options.short else SIGN_INS)


def arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description="What is not known here goes to bench-store: --large, --only NAME.")
    parser.add_argument("what", nargs="*", help="of: " + ", ".join(WHAT) + "; all of them when nothing is named")
    parser.add_argument("--json", action="store_true", help="all figures as JSON on standard output, at the end")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round of one part against one server")
    parser.add_argument("--parts", default=",".join(servers.PARTS), help="of: %(default)s")
    parser.add_argument("--against", default=",".join(OTHERS), help="of: %(default)s")
    parser.add_argument("--short", action="store_true", help="one round of 0.3 s each, fewer people; it works, the figures mean little")
    options, words = parser.parse_known_args()
    options.what = options.what or WHAT
    if unknown := set(options.what) - set(WHAT) | set(options.parts.split(",")) - set(servers.PARTS) | set(options.against.split(",")) - {"", *OTHERS}:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    if options.short:
        options.rounds, options.seconds = 1, 0.3
    return options, words


def main() -> None:
    options, words = arguments()
    alone, parts = http(options)
    many = among_many(options)
    prompt = at_a_prompt(options)
    if "store" in options.what:
        store(parts, words)
    if options.json:
        print(json.dumps({"whole": alone, "crowd": many, "pam": prompt, "parts": {part.part: part.data() for part in parts}}))


if __name__ == "__main__":
    main()
