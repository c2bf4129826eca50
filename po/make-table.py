#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-table.py OUTPUT PO…: the translations of each .po file as one sorted C table."""

import ast
import json
import pathlib
import re
import sys

ENTRY = re.compile(r'^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)', re.MULTILINE)


def join(quoted: str) -> str:
    return "".join(ast.literal_eval(line) for line in quoted.split("\n") if line.strip())


def translations(path: pathlib.Path) -> list[tuple[str, str]]:
    pairs = [(join(english), join(translated)) for english, translated in ENTRY.findall(path.read_text())]
    return sorted((pair for pair in pairs if pair[0] and pair[1]), key=lambda pair: pair[0].encode())


def main() -> None:
    output, *files = map(pathlib.Path, sys.argv[1:])
    lines = ["/* made by po/make-table.py */", "#pragma once", "#include <stddef.h>"]
    lines += ["typedef struct PoText { const char *english, *translated; } PoText;"]
    lines += ["typedef struct PoLanguage { const char *name; const PoText *texts; size_t n_texts; } PoLanguage;"]
    rows = []
    for path in files:
        pairs = translations(path)
        lines.append(f"static const PoText po_{path.stem}[] = {{")
        lines += [f"    {{{json.dumps(english, ensure_ascii=False)}, {json.dumps(translated, ensure_ascii=False)}}}," for english, translated in pairs]
        lines += ["    {NULL, NULL},", "};"]
        rows.append(f'    {{"{path.stem}", po_{path.stem}, {len(pairs)}}},')
    lines += ["static const PoLanguage po_languages[] = {", *rows, "    {NULL, NULL, 0},", "};"]
    output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
