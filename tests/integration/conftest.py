# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of antaractl service stand in."""

import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from house import ROOT, House
from profile_trees import update
from service_trees import SYSTEMD, SYSTEMD_POLICY, answering, files


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> pathlib.Path:
    root = tmp_path / "root"
    shutil.copytree(ROOT / "tests/pam/trees/bookworm", root)
    return root


@pytest.fixture
def systemd(house: House, tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """The file of its notes."""
    policy = pathlib.Path(house.address.removeprefix("unix:path=")).parent / "bus.d/systemd.conf"
    policy.write_text(SYSTEMD_POLICY)
    subprocess.run(
        ["busctl", f"--address={house.address}", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig"], check=True
    )
    notes = tmp_path / "notes"
    with answering(SYSTEMD, notes, house.address):
        yield notes
    policy.unlink()


@pytest.fixture
def host(tree: pathlib.Path) -> pathlib.Path:
    """A tree as libpam-runtime and libpam-antara leave it."""
    shutil.copytree("/usr/share/pam-configs", tree / "usr/share/pam-configs")
    (tree / "var/lib/pam").mkdir(parents=True)
    shutil.copy(ROOT / "debian/pam-configs/antara", tree / "usr/share/pam-configs/antara")
    update(tree, "--force")
    for old in (tree / "etc/pam.d").glob("*.pam-old"):
        old.unlink()
    assert b"pam_antara.so" not in files(tree)["common-auth"]
    return tree
