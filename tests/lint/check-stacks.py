#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl pam doctor finds in each tree of tests/pam/trees what its file `expected` says, and nothing else; each finding is seen. A tree holds what differs
from the stock files of Debian in `bookworm`. With --write the files are written anew, to be read before they are committed."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

STOCK = "bookworm"


def rows(told: dict[str, list[dict[str, object]]], root: str) -> Iterator[str]:
    """One line for each finding and each row of the outage matrix, without the folder's name."""

    def findings(who: str, found: list[dict[str, str]]) -> Iterator[str]:
        for row in found:
            where = row["where"].removeprefix(root) if row["code"] != "unreadable" else row["words"].replace(root, "")
            yield f"{who}: {row['level']} {row['code']} {where}"

    for service in told["services"]:
        yield from findings(str(service["service"]), service["findings"])  # type: ignore[arg-type]
        if service["asks_antara"]:
            for row in service["outage"]:  # type: ignore[attr-defined]
                ways = ", ".join(f"{way} {row[way]}" for way in ("approval", "password", "key") if way in row)
                yield f"{service['service']}: without {row['away']}: {ways}"
    yield from findings("all", told["findings"])  # type: ignore[arg-type]


def look(trees: pathlib.Path, tree: pathlib.Path, antaractl: str) -> str:
    with tempfile.TemporaryDirectory(prefix="antara-tree-") as root:
        for source in (trees / STOCK, tree):
            shutil.copytree(source, root, dirs_exist_ok=True)
        command = [antaractl, "--json", "pam", "doctor", "--root", root]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            return ran.stderr
        return "".join(f"{row}\n" for row in rows(json.loads(ran.stdout), root))


def unseen(root: pathlib.Path, trees: pathlib.Path) -> Iterator[str]:
    """Each finding that there is stands in docs/pam.md, and some tree has it."""
    sources = "".join(path.read_text() for path in sorted((root / "antaractl/pam").glob("*.c")))
    page = (root / "docs/pam.md").read_text()
    seen = {line.split()[2] for path in trees.glob("*/expected") for line in path.read_text().splitlines() if len(line.split()) > 2}
    for code in sorted(set(re.findall(r'FINDING_[A-Z]+(?: : FINDING_[A-Z]+)?,\s+"([a-z-]+)"', sources))):
        if f"`{code}`" not in page:
            yield f"docs/pam.md says nothing of {code}"
        if code not in seen:
            yield f"no tree of tests/pam/trees has {code}"


def main(root: pathlib.Path, antaractl: str, write: bool) -> int:
    trees = root / "tests/pam/trees"
    missing = list(unseen(root, trees))
    print("\n".join(missing))
    failed = 1 if missing else 0
    for tree in sorted(path for path in trees.iterdir() if path.is_dir()):
        expected = tree / "expected"
        found = look(trees, tree, antaractl)
        if write:
            expected.write_text(found)
        elif found != expected.read_text():
            failed = 1
            print(f"{tree.name}: found\n{found}\nexpected\n{expected.read_text()}")
    return failed


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.argv[2]).resolve()), "--write" in sys.argv))
