# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/admin.md, taken apart: its sections, and in each what is typed, shown, and done by a person, in the page's order."""

import pathlib
import re
from dataclasses import dataclass, field

from house import ROOT

PAGE = ROOT / "docs/admin.md"
KINDS = {"sh", "sh laptop", "sh session", "text"}  # of fenced blocks; the first three are typed
FENCE = re.compile(r"^```(.*)$")
MARK = re.compile(r"^<!-- test: (.+) -->$")
# What looks like a command, with its words, where it is only told of.
TOLD = re.compile(r"`((?:antaractl|antarad|apt|journalctl|loginctl|pam-auth-update|ssh|sudo|systemctl|systemd-creds)\s[^`]+)`")


@dataclass(frozen=True)
class Step:
    kind: str  # of KINDS, or "mark"
    text: str
    line: int


@dataclass
class Section:
    title: str
    steps: list[Step] = field(default_factory=list)


def refuse_what_is_only_told(page: pathlib.Path, prose: list[str], sections: list[Section]) -> None:
    typed = "\n".join(step.text for section in sections for step in section.steps if step.kind.startswith("sh"))
    only = {" ".join(told.split()) for told in TOLD.findall("\n".join(prose))}
    only = {told for told in only if told not in typed}
    assert not only, f"{page}: {only} is run by nobody: it belongs into a block"


def read(page: pathlib.Path = PAGE) -> list[Section]:
    """Fails where something looks like a command that nobody would run."""
    sections = [Section("")]
    kind, block, begun = "", [""], 0
    prose: list[str] = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if kind and not fence:
            block.append(line)
        elif kind:
            sections[-1].steps.append(Step(kind, "\n".join(block), begun))
            kind = ""
        elif fence:
            kind, block, begun = fence[1], [], number
            assert kind in KINDS, f"{page}:{number}: {kind!r} is none of {sorted(KINDS)}"
        elif line.startswith("## "):
            sections.append(Section(line.removeprefix("## ")))
        elif mark := MARK.match(line):
            sections[-1].steps.append(Step("mark", mark[1], number))
        else:
            prose.append(line)
        assert kind or not line.startswith(("    ", "\t", "~~~")), f"{page}:{number}: a block without a fence is run by nobody"
    assert not kind, f"{page}:{begun}: this block doesn't end"
    refuse_what_is_only_told(page, prose, sections)
    return [section for section in sections if section.steps]
