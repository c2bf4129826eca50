#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""update.py [--check]: en.po lists every text that people read, as the source has them; --check only compares."""

import ast
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARKED = re.compile(r'\bN_\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)')
PIECE = re.compile(r'"(?:[^"\\]|\\.)*"')
TEMPLATE = re.compile(r"\{\{t:(.*?)\}\}", re.DOTALL)
HEAD = 'msgid ""\nmsgstr "Language: en\\nContent-Type: text/plain; charset=UTF-8\\n"\n'


def texts() -> set[str]:
    found = set()
    for path in (ROOT / "daemon").rglob("*.[ch]"):
        for marked in MARKED.findall(path.read_text()):
            found.add("".join(ast.literal_eval(piece) for piece in PIECE.findall(marked)))
    for path in (ROOT / "daemon/web").glob("*.html"):
        found.update(TEMPLATE.findall(path.read_text()))
    return found


def main() -> int:
    catalog = ROOT / "po/en.po"
    entries = [f'\nmsgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""\n' for text in sorted(texts())]
    fresh = HEAD + "".join(entries)
    if "--check" in sys.argv[1:]:
        if catalog.read_text() != fresh:
            print("po/en.po does not list the texts of the source: run po/update.py")
            return 1
        return 0
    catalog.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
