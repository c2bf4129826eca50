# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages as files: what Debian's checker says, and that anybody can build the same bytes."""

import hashlib
import pathlib

import packages


def sums(folder: pathlib.Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.deb")}


def test_lintian_has_nothing_to_say(built: pathlib.Path, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Of the packages and their source. What it is told to pass over stands in debian/*.lintian-overrides, with the reason."""
    packages.run("dpkg-source", "--build", str(source), folder=tmp_path)
    files = [next(built.glob("*.changes")), next(tmp_path.glob("*.dsc"))]
    said = packages.run("lintian", "--fail-on=error,warning,info", "--display-info", "--allow-root", *map(str, files))
    assert not [line for line in said.splitlines() if line[:2] in ("E:", "W:", "I:")], said


def test_two_builds_give_the_same_bytes(built: pathlib.Path, source: pathlib.Path, folder: pathlib.Path) -> None:
    """In another folder, time zone and language, and with another user's name."""
    (folder / "another-place").mkdir()
    again = packages.build(source, folder / "another-place/second", TZ="Pacific/Kiritimati", LC_ALL="C", LOGNAME="somebody", USER="somebody")
    assert len(sums(built)) >= len(packages.NAMES)
    assert sums(again) == sums(built)


def test_the_documentation_has_the_guide_and_the_bus_reference(built: pathlib.Path) -> None:
    listed = packages.run("dpkg-deb", "--contents", str(packages.package(built, "antara-doc")))
    assert "/usr/share/doc/antara-doc/dbus.md" in listed and "/usr/share/doc/antara/admin.md" in listed
    listed = packages.run("dpkg-deb", "--contents", str(packages.package(built, "libpam-antara")))
    assert "/security/pam_antara.so" in listed and "/usr/share/pam-configs/antara" in listed
