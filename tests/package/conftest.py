# SPDX-License-Identifier: GPL-3.0-or-later
"""Built once; test_installed.py and test_guide.py are a story each, in their order, each in a Debian of its own."""

import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import packages
import pytest

SIZE = "4g"  # of what two builds, a Debian and its stories may take, of which they take half


@pytest.fixture(scope="session")
def folder() -> Iterator[pathlib.Path]:
    """In memory: a Debian is ten thousand files that nobody will read again."""
    with tempfile.TemporaryDirectory(prefix="antara-package-") as name:
        packages.run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", name)
        try:
            yield pathlib.Path(name)
        finally:
            packages.run("umount", name)


@pytest.fixture(scope="session")
def source(folder: pathlib.Path) -> pathlib.Path:
    return packages.copy_source(folder / "source")


@pytest.fixture(scope="session")
def built(source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    return packages.build(source, folder / "first")


@pytest.fixture(scope="session")
def debian(folder: pathlib.Path, built: pathlib.Path) -> pathlib.Path:
    """A bare Debian that has our packages in /root, not installed."""
    root = folder / "debian"
    debs = [packages.package(built, name) for name in packages.NAMES]
    packages.bare_debian(root, debs)
    newer = [packages.newer(deb, folder) for deb in debs[:2]]
    for deb in newer:
        shutil.copy(deb, root / "root")
    return root
