# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl service enable where /etc/pam.d lacks what a package has in /usr/lib/pam.d, as Debian's polkit does."""

import pathlib
import re
import shutil
import subprocess

from house import ROOT, House

EDITED, VENDORS = "etc/pam.d/polkit-1", "usr/lib/pam.d/polkit-1"


def ctl(house: House, root: pathlib.Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return house.ctl("service", *words, "--root", str(root), check=False)


def test_a_vendors_file_is_copied_by_the_administrator_first(house: House, tmp_path: pathlib.Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(ROOT / "tests/pam/trees/bookworm", root)
    before = (root / VENDORS).read_bytes()
    refused = ctl(house, root, "enable", "polkit-1")
    assert refused.returncode == 1 and f"{root / VENDORS} is the vendor's" in refused.stderr
    assert not (root / EDITED).exists()
    hint = re.search(r"first: (cp \S+ \S+)$", refused.stderr, re.MULTILINE)
    assert hint, refused.stderr
    subprocess.run(hint[1].split(), check=True)
    enabled = ctl(house, root, "enable", "polkit-1")
    assert enabled.returncode == 0, enabled.stderr
    assert b"pam_antara.so" in (root / EDITED).read_bytes()
    assert ctl(house, root, "disable", "polkit-1").returncode == 0
    assert (root / EDITED).read_bytes() == before == (root / VENDORS).read_bytes()


def test_what_is_nowhere_is_not_called_the_vendors(house: House, tmp_path: pathlib.Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(ROOT / "tests/pam/trees/bookworm", root)
    refused = ctl(house, root, "enable", "nowhere")
    assert refused.returncode == 1 and "vendor" not in refused.stderr and "No such file" in refused.stderr
