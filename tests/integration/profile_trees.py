# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree where pam-auth-update is at work, and what became of it."""

import os
import pathlib
import subprocess

from house import House
from service_trees import ctl, enabled, files, note_of

TOOL = pathlib.Path("/usr/sbin/pam-auth-update")
SHARED = ("common-auth", "common-account")
HOUR = ("--confirm-within", "1h")


def update(tree: pathlib.Path, *words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "DEBCONF_DB_REPLACE": "Pipe{infd:none outfd:none}"}
    subprocess.run([str(TOOL), "--root", str(tree), *words], env=environment, check=True, capture_output=True)


def lines_in(tree: pathlib.Path) -> list[bool]:
    return [b"pam_antara.so" in files(tree)[name] for name in SHARED]


def refused(house: House, tree: pathlib.Path, *words: str) -> str:
    """What it says; nothing is changed, and nothing left below /run."""
    before = files(tree)
    ran = ctl(house, tree, "enable", *words)
    assert ran.returncode == 1 and files(tree) == before
    assert "sshd" not in enabled(house) and not note_of(tree).exists()
    assert [path.name for path in (tree / "run/antaractl").iterdir()] == ["lock"]
    return ran.stderr
