# SPDX-License-Identifier: GPL-3.0-or-later
"""Built once, installed once; the tests of test_installed.py are one story, in their order."""

import pathlib
import tempfile
from collections.abc import Iterator

import packages
import pytest


@pytest.fixture(scope="session")
def folder() -> Iterator[pathlib.Path]:
    """Removed at the end: a Debian is too large to be left in /tmp."""
    with tempfile.TemporaryDirectory(prefix="antara-package-") as name:
        yield pathlib.Path(name)


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
    upgrade = packages.newer(debs[0], folder)
    packages.bare_debian(root, [*debs, upgrade])
    return root
