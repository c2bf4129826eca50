#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print a man page with what is known from tables put in: PAGE TABLE TENANT_C.

TABLE is the output of antaractl --table (for @COMMANDS@), TENANT_C the source with the limits' names (for @LIMITS@).
"""

import json
import pathlib
import re
import sys
from typing import Any


def escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("'", "\\(aq")


def usage(text: str) -> str:
    """Options bold, what stands for a value in italics."""
    words = re.sub(r"--[a-z-]+", lambda found: f"\\fB{found[0]}\\fP", text)
    words = re.sub(r"\b[A-Z][A-Z0-9_]+\b", lambda found: f"\\fI{found[0]}\\fP", words)
    return escaped(words).replace("\\ef", "\\f")


def command(row: dict[str, Any]) -> str:
    name = f"{row['noun']} {row['verb']}".strip()
    return f".TP\n\\fB{escaped(name)}\\fP {usage(row['usage'])}\n".replace(" \n", "\n") + f"{escaped(row['help'])}."


def limits(source: str) -> str:
    rows = re.findall(r'\{"(\w+)", \{(\d+), (\d+)\}\}', source)
    return "\n".join(f"{name} {count}/{seconds}," for name, count, seconds in rows).rstrip(",") + "."


def main() -> None:
    page, table, tenant = (pathlib.Path(word).read_text() for word in sys.argv[1:4])
    page = page.replace("@COMMANDS@", "\n".join(command(row) for row in json.loads(table)))
    print(page.replace("@LIMITS@", limits(tenant)), end="")


if __name__ == "__main__":
    main()
