# SPDX-License-Identifier: GPL-3.0-or-later
"""antarad beside other servers, part by part: rounds in turns, so that what disturbs the machine disturbs all of them."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from servers import Server

# What is wanted of antarad against another server: by part, then by the other's name.
READS = {"bare libsoup": 1.5, "oidc-provider": 7.0, "glewlwyd": 15.0}
AIMS = {"introspection": READS, "userinfo": READS, "refresh": {"bare libsoup": 0.8, "oidc-provider": 4.0, "glewlwyd": 80.0}}
AIMS_PER_SECOND = {"exchange": 3000.0}


@dataclass
class Figures:
    """Of one server and part: a value for each round."""

    rates: list[float] = field(default_factory=list)
    cpu_usec: list[float] = field(default_factory=list)


def in_words(values: list[float], form: str = ".2f") -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def against(found: list[float], aim: float | None) -> str:
    if aim is None:
        return ""
    return f"{aim:g} {'holds' if statistics.median(found) >= aim else 'MISSED'}"


@dataclass
class Comparison:
    part: str
    figures: dict[str, Figures] = field(default_factory=dict)

    def add(self, server: Server, seconds: float) -> None:
        result = server.part(self.part, seconds)
        figures = self.figures.setdefault(server.name, Figures())
        figures.rates.append(result.rate)
        figures.cpu_usec.append(result.cpu_usec)

    def ratios(self, other: str) -> tuple[list[float], list[float]]:
        """By requests a second, and by processor time for a request; over 1 is better than the other."""
        ours, theirs = self.figures["antarad"], self.figures[other]
        return [mine / his for mine, his in zip(ours.rates, theirs.rates)], [his / mine for mine, his in zip(ours.cpu_usec, theirs.cpu_usec)]

    def rows(self) -> Iterator[str]:
        for name, figures in self.figures.items():
            words = f"{self.part:14}{name:15}{statistics.median(figures.rates):8.0f}/s {statistics.median(figures.cpu_usec):8.1f} us   "
            if name == "antarad":
                aim = against(figures.rates, AIMS_PER_SECOND.get(self.part))
                yield (f"{words}{'':53}{aim}/s" if aim else words).rstrip()
            else:
                by_rate, by_cpu = self.ratios(name)
                aim = against(by_rate, AIMS.get(self.part, {}).get(name))
                yield f"{words}{in_words(by_rate):26} {in_words(by_cpu):26}{aim}".rstrip()

    def data(self) -> dict[str, object]:
        others = [name for name in self.figures if name != "antarad"]
        ratios = {name: dict(zip(("rate", "cpu"), self.ratios(name))) for name in others}
        return {"figures": {name: vars(figures) for name, figures in self.figures.items()}, "ratios": ratios, "aims": AIMS.get(self.part, {})}


def compare(parts: list[str], sides: list[Server], rounds: int, seconds: float) -> list[Comparison]:
    """A first round of each server is not counted: node compiles what it runs often."""
    print(f"{'':29}{'median':>10} {'processor':>11}   {'antarad times this':26} {'by processor time':26}aim", flush=True)
    found = []
    for part in parts:
        comparison = Comparison(part)
        for server in sides:
            server.prepare(part)
            server.part(part, seconds)
        for _ in range(rounds):
            for server in sides:
                comparison.add(server, seconds)
        print("\n".join(comparison.rows()), flush=True)
        found.append(comparison)
    return found
