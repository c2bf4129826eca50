#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd understands our units without a word, and finds the daemon's little exposed."""

import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

EXPOSURE_MAX = 15  # tenths
UNITS = ("antarad.service", "antarad-kek.service", "antara-revert.service", "antarad.socket")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def copy_units(root: pathlib.Path, folder: pathlib.Path, antarad: str) -> list[str]:
    """As they would be installed, but with programs that are there."""
    for unit in UNITS:
        made = root / "systemd" / f"{unit}.in"
        text = (made if made.exists() else root / "systemd" / unit).read_text()
        (folder / unit).write_text(text.replace("@sbindir@/antarad", antarad).replace("@bindir@/antaractl", antarad))
    return [str(folder / unit) for unit in UNITS]


def complaints(root: pathlib.Path, antarad: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="antara-units-") as folder:
        units = copy_units(root, pathlib.Path(folder), antarad)
        verified = run("systemd-analyze", "verify", "--man=no", *units)
        if verified.returncode or verified.stdout:
            yield verified.stdout or "systemd-analyze verify failed"
        exposed = run("systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE_MAX}", units[0])
        if exposed.returncode:
            yield exposed.stdout


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.argv[2]).resolve())))
    print("\n".join(found))
    sys.exit(1 if found else 0)
