# SPDX-License-Identifier: GPL-3.0-or-later
"""The Prometheus text format, version 0.0.4, read strictly: each family has HELP and TYPE before its samples, no series stands twice."""

import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9.e+-]+|\+Inf|-Inf|NaN)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')

Labels = frozenset[tuple[str, str]]


class Malformed(Exception):
    pass


@dataclass
class Family:
    type: str = ""
    help: str = ""
    samples: dict[Labels, float] = field(default_factory=dict)


def labels_of(text: str) -> Labels:
    found, at = [], 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match:
            raise Malformed(text)
        found.append((match[1], match[2]))
        at = match.end()
    if len({name for name, _ in found}) != len(found):
        raise Malformed(f"a label twice: {text}")
    return frozenset(found)


def comment(families: dict[str, Family], line: str) -> str:
    """Reads HELP or TYPE; gives the family's name."""
    words = line.split(" ", 3)
    if len(words) != 4 or not re.fullmatch(NAME, words[2]):
        raise Malformed(line)
    kind, name, rest = words[1:]
    family = families.setdefault(name, Family())
    if family.samples or (family.help if kind == "HELP" else family.type):
        raise Malformed(f"too late, or twice: {line}")
    if kind == "HELP":
        family.help = rest
    elif kind == "TYPE" and rest in ("counter", "gauge"):
        family.type = rest
    else:
        raise Malformed(line)
    return name


def parse(text: str) -> dict[str, Family]:
    families: dict[str, Family] = {}
    current = ""
    if not text.endswith("\n"):
        raise Malformed("no line end at the end")
    for line in text[:-1].split("\n"):
        if line.startswith("#"):
            current = comment(families, line)
            continue
        sample = SAMPLE.fullmatch(line)
        if not sample or sample[1] != current or not families[current].type or not families[current].help:
            raise Malformed(line)
        labels = labels_of(sample[2] or "")
        if labels in families[current].samples:
            raise Malformed(f"a series twice: {line}")
        families[current].samples[labels] = float(sample[3])
        if families[current].type == "counter" and not (current.endswith("_total") and families[current].samples[labels] >= 0):
            raise Malformed(line)
    return families
