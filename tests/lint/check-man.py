#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The man pages have every configuration key, command and option that there is, and no other; man and mandoc take them."""

import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

TESTS_ONLY = {"courier"}  # a section that no release knows
PAGES = ("antaractl.1", "antarad.conf.5", "antarad.8", "pam_antara.8")


def compare(page: str, what: str, there: set[str], written: set[str]) -> Iterator[str]:
    yield from (f"man/{page}: {what} {name} is missing" for name in sorted(there - written))
    yield from (f"man/{page}: there is no {what} {name}" for name in sorted(written - there))


def tags(text: str) -> list[str]:
    """What stands bold and first behind each .TP."""
    found = re.findall(r'^\.TP\n(?:\.B[IR]* "?([\w\\. -]+)|\\fB(.+?)\\fP)', text, re.MULTILINE)
    return ["".join(tag).replace("\\", "") for tag in found]


def config_keys(root: pathlib.Path) -> set[str]:
    keys = set()
    for path in (root / "daemon").rglob("*.c"):
        for section, rows in re.findall(r"static const ConfigKey (\w+)_keys\[\] = \{(.*?)\n\};", path.read_text(), re.DOTALL):
            if section not in TESTS_ONLY:
                keys |= {f"[{section}] {name}" for name in re.findall(r'\{"(\w+)"', rows)}
    return keys


def written_keys(page: str) -> set[str]:
    sections = re.split(r"^\.SS \[(\w+).*$", page.partition(".SH EXAMPLE")[0], flags=re.MULTILINE)[1:]
    return {f"[{section}] {tag}" for section, text in zip(sections[::2], sections[1::2], strict=True) for tag in tags(text)}


def daemon_options(root: pathlib.Path) -> set[str]:
    return {"--help"} | {f"--{name}" for name in re.findall(r'^        \{"([a-z-]+)", 0, 0', (root / "daemon/main.c").read_text(), re.MULTILINE)}


def written_options(page: str) -> set[str]:
    options = page.partition(".SH OPTIONS")[2].partition("\n.SH ")[0]
    return {tag.split()[0] for tag in tags(options)}


def module_options(root: pathlib.Path) -> set[str]:
    return {name.rstrip("=") for name in re.findall(r'str\w*cmp\(argument, "(\w+=?)"', (root / "pam_antara/options.c").read_text())}


def well_made(path: pathlib.Path) -> Iterator[str]:
    linted = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(path)], capture_output=True, text=True, check=False)
    shown = subprocess.run(
        ["man", "--warnings", "--encoding=UTF-8", "--local-file", "--troff-device=utf8", "--ditroff", str(path)],
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    yield from filter(None, (linted.stdout, linted.stderr, shown.stderr))


def complaints(root: pathlib.Path, built: pathlib.Path, antaractl: str) -> Iterator[str]:
    texts = {page: (built / page).read_text() for page in PAGES}
    table = json.loads(subprocess.run([antaractl, "--table"], capture_output=True, check=True).stdout)
    commands = {f"{row['noun']} {row['verb']}".strip() for row in table}

    yield from compare("antarad.conf.5", "key", config_keys(root), written_keys(texts["antarad.conf.5"]))
    yield from compare("antarad.8", "option", daemon_options(root), written_options(texts["antarad.8"]))
    yield from compare("pam_antara.8", "option", module_options(root), {tag.split("=")[0] for tag in written_options(texts["pam_antara.8"])})
    yield from compare("antaractl.1", "command", commands, {tag.strip() for tag in tags(texts["antaractl.1"].partition(".SH COMMANDS")[2])})
    for page in PAGES:
        yield from well_made(built / page)


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), str(pathlib.Path(sys.argv[3]).resolve())))
    print("\n".join(found))
    sys.exit(1 if found else 0)
