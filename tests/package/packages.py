# SPDX-License-Identifier: GPL-3.0-or-later
"""Our .deb files, and a bare Debian that could install them without a network."""

import contextlib
import os
import pathlib
import platform
import shutil
import subprocess
from collections.abc import Iterator

from house import ROOT

NAMES = ("antara", "libpam-antara", "antara-doc")
SOURCES = [pathlib.Path("/etc/apt/sources.list"), pathlib.Path("/etc/apt/sources.list.d/debian.sources")]
BARE = "systemd,systemd-sysv,libpam-systemd,dbus,openssh-server,sudo,ca-certificates"
MADE = shutil.ignore_patterns("node_modules", "__pycache__", ".*_cache")
MADE_AT_THE_TOP = shutil.ignore_patterns("build*", ".git", "run", "scratch")


def say(done: subprocess.CompletedProcess[str]) -> str:
    """Its output; a failure shows the end of it."""
    assert done.returncode == 0, f"{done.args!r}: {done.returncode}\n{done.stdout[-6000:]}"
    return done.stdout


def run(*words: str, folder: pathlib.Path | None = None, **environment: str) -> str:
    return say(
        subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    )


def not_source(folder: str, names: list[str]) -> set[str]:
    return MADE(folder, names) | (MADE_AT_THE_TOP(folder, names) if pathlib.Path(folder) == ROOT else set())


def copy_source(folder: pathlib.Path) -> pathlib.Path:
    """All builds are of the same, whoever works on the tree meanwhile."""
    shutil.copytree(ROOT, folder, ignore=not_source, symlinks=True)
    return folder


def build(source: pathlib.Path, folder: pathlib.Path, **environment: str) -> pathlib.Path:
    """Builds the source package in `folder`; what it made lies there."""
    shutil.copytree(source, folder / "antara", symlinks=True)
    options = f"parallel={len(os.sched_getaffinity(0))}"
    run("dpkg-buildpackage", "-us", "-uc", "-b", folder=folder / "antara", DEB_BUILD_OPTIONS=options, **environment)
    return folder


def package(folder: pathlib.Path, name: str) -> pathlib.Path:
    found = list(folder.glob(f"{name}_*.deb"))
    assert len(found) == 1, found
    return found[0]


def newer(old: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """The same package with a higher version, as an upgrade sees it: newer-NAME.deb."""
    name = old.name.partition("_")[0]
    tree = folder / f"newer-{name}"
    run("dpkg-deb", "--raw-extract", str(old), str(tree))
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 9:"))
    made = folder / f"newer-{name}.deb"
    run("dpkg-deb", "--build", "--root-owner-group", str(tree), str(made))
    return made


def bare_debian(root: pathlib.Path, debs: list[pathlib.Path]) -> None:
    """Makes a tree with systemd, a bus, sshd and sudo, the packages in /root, and in apt's cache what they need."""
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    mirrors = [str(path) for path in SOURCES if path.exists() and path.read_text().strip()]
    names = " ".join(f"/root/{deb.name}" for deb in debs)
    copied = " ".join(f"'{deb}'" for deb in debs)
    fast = 'echo force-unsafe-io > "$1/etc/dpkg/dpkg.cfg.d/unsafe"'
    hook = f'{fast} && cp {copied} "$1/root/" && chroot "$1" apt-get -qq --yes --no-install-recommends --download-only install {names}'
    options = ("--variant=minbase", "--skip=cleanup/apt", f"--include={BARE}", f"--customize-hook={hook}")
    run("mmdebstrap", "--quiet", *options, suite, str(root), *mirrors)


@contextlib.contextmanager
def layered(root: pathlib.Path, folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """The same Debian once more, for a story of its own, which changes nothing of the first. In our mount namespace."""
    upper, work, tree = (folder / name for name in ("upper", "work", folder.name))
    for path in (upper, work, tree):
        path.mkdir(parents=True)
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={root},upperdir={upper},workdir={work}", str(tree))
    try:
        yield tree
    finally:
        run("umount", str(tree))
