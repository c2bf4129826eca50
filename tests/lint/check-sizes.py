#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail if a file or a function is too long, a header has no licence line, or a text speaks of a place that is not ours."""

import pathlib
import re
import sys
from collections.abc import Iterator

# What a reader can hold; of tests, which are lists of stories, twice as much.
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 40
SOURCES = ("daemon", "pam_antara", "antaractl", "dbus", "tests", "examples", "scripts", "po")
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
LEFT_OPEN = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def sources(root: pathlib.Path) -> Iterator[pathlib.Path]:
    for place in SOURCES:
        for path in sorted((root / place).rglob("*")):
            if path.suffix in {".c", ".h", ".py", ".sh", ".mjs", ".xml", ".css", ".html"} and "node_modules" not in path.parts:
                yield path


def function_lengths(text: str) -> Iterator[tuple[int, int]]:
    """Line and length of each function of a file that clang-format laid out: `{` and `}` stand in column one."""
    begun = None
    for number, line in enumerate(text.splitlines(), 1):
        if line == "{":
            begun = number
        elif line == "}" and begun is not None:
            yield begun, number - begun - 1
            begun = None


def complaints(root: pathlib.Path) -> Iterator[str]:
    for path in sources(root):
        text = path.read_text()
        lines = text.count("\n")
        times = 2 if path.relative_to(root).parts[0] == "tests" else 1
        if lines > times * FILE_LINES_MAX:
            yield f"{path}: {lines} lines; a file is one noun, up to {times * FILE_LINES_MAX}"
        if LICENCE not in text and "corpus" not in path.parts:
            yield f"{path}: no line with {LICENCE}"
        if LEFT_OPEN.search(text):
            yield f"{path}: something is left open"
        if path.suffix in {".c", ".h"}:
            for number, length in function_lengths(text):
                if length > times * FUNCTION_LINES_MAX:
                    yield f"{path}:{number}: a function of {length} lines; {times * FUNCTION_LINES_MAX} at most"


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
