# SPDX-License-Identifier: GPL-3.0-or-later
"""A user and PAM services of this machine, for programs that can't be told of others: bound over /etc in our mount namespace."""

import contextlib
import pathlib
import re
import shutil
import subprocess
from collections.abc import Iterator

import private_bus
import pytest
from house import House, new_house

NSSWITCH = pathlib.Path("/etc/nsswitch.conf")
USER = "antara-alice"
ROWS = {"passwd": f"{USER}:x:4300:4300::/tmp:/bin/bash", "shadow": f"{USER}:*:19000:0:99999:7:::", "group": f"{USER}:x:4300:"}


@contextlib.contextmanager
def bound(copy: pathlib.Path, place: pathlib.Path) -> Iterator[None]:
    private_bus.bind(copy, place)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextlib.contextmanager
def accounts(folder: pathlib.Path, rows: dict[str, str] = ROWS) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name, line in rows.items():
            copy = folder / name
            shutil.copy(f"/etc/{name}", copy)
            with copy.open("a") as file:
                file.write(line + "\n")
            stack.enter_context(bound(copy, pathlib.Path("/etc") / name))
        yield


@contextlib.contextmanager
def names_from(folder: pathlib.Path, sources: str) -> Iterator[None]:
    """Where users are looked for (nsswitch.conf(5)), in programs that begin meanwhile."""
    copy = folder / "nsswitch.conf"
    copy.write_text(re.sub(r"(?m)^passwd:.*", f"passwd: {sources}", NSSWITCH.read_text()))
    with bound(copy, NSSWITCH):
        yield


@contextlib.contextmanager
def services(folder: pathlib.Path, texts: dict[str, str]) -> Iterator[None]:
    shutil.copytree("/etc/pam.d", folder / "pam.d")
    for name, text in texts.items():
        (folder / "pam.d" / name).write_text(text)
    with bound(folder / "pam.d", pathlib.Path("/etc/pam.d")):
        yield


@contextlib.contextmanager
def system_bus(house: House) -> Iterator[None]:
    """The private bus where programs look that forget their environment."""
    socket = pathlib.Path("/run/dbus/system_bus_socket")
    socket.parent.mkdir(exist_ok=True)
    if not socket.exists():
        socket.touch()
    with bound(pathlib.Path(house.address.removeprefix("unix:path=")), socket):
        yield


@contextlib.contextmanager
def house_of_service(bus: str, folders: pytest.TempPathFactory, service: str, stack: str) -> Iterator[House]:
    """A house that has enabled one service of this machine, with the user above; its programs find it by themselves."""
    with accounts(folders.mktemp("accounts")), new_house(folders.mktemp("house"), bus, services=f"[service {service}]") as house:
        with services(folders.mktemp("etc"), {service: stack}), system_bus(house):
            yield house
