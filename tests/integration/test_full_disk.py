# SPDX-License-Identifier: GPL-3.0-or-later
"""Row K4: a small file system of its own, filled and freed: reads go on, writes answer 503, and it comes back by itself."""

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

import house as houses
import pytest
import requests
from gi.repository import Gio, GLib
from house import House, Person, wait_until
from oauth import App
from prompt import account

DISK_MIB = 96  # room for a few segments, the table and what is claimed behind it


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


@contextlib.contextmanager
def mounted(image: pathlib.Path, place: pathlib.Path) -> Iterator[pathlib.Path]:
    with open(image, "wb") as file:
        file.truncate(DISK_MIB * 1024 * 1024)
    made = run("mkfs.ext4", "-q", "-m", "0", str(image))
    assert made.returncode == 0, made.stderr
    place.mkdir()
    done = run("mount", "-o", "loop", str(image), str(place))
    if done.returncode:
        pytest.skip(f"mounts are refused here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        run("umount", str(place))


@pytest.fixture
def house(bus: str, tmp_path: pathlib.Path) -> Iterator[House]:
    with mounted(tmp_path / "image", tmp_path / "state"):
        with houses.new_house(tmp_path, bus) as running:
            yield running


def health(house: House) -> int:
    return requests.get(house.issuer + "/healthz", timeout=20).status_code


def fill(house: House) -> pathlib.Path:
    """Takes all room there is, to the last block."""
    filler = house.folder / "state/filler"
    with open(filler, "wb", buffering=0) as file:
        piece = 1024 * 1024
        while piece:
            try:
                file.write(b"x" * piece)
            except OSError:
                piece //= 2
        os.fsync(file.fileno())
    return filler


def read_only_changes(bus: Gio.DBusConnection) -> list[bool]:
    """Grows by what PropertiesChanged says of ReadOnly, whenever GLib's default context runs."""
    found: list[bool] = []

    def heard(*arguments: object) -> None:
        interface, changed, _ = arguments[5].unpack()  # type: ignore[attr-defined]
        if interface == "org.antara1.Manager" and "ReadOnly" in changed:
            found.append(changed["ReadOnly"])

    names = ("org.antara1", "org.freedesktop.DBus.Properties", "PropertiesChanged", "/org/antara1", None)
    bus.signal_subscribe(*names, Gio.DBusSignalFlags.NONE, heard)
    return found


def heard(found: list[bool]) -> list[bool]:
    while GLib.MainContext.default().iteration(False):
        pass
    return found


def test_k4_a_full_disk_is_read_only_and_comes_back(house: House, person: Person) -> None:
    app = App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))
    tokens = app.tokens(person)
    assert health(house) == 200
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    bus = Gio.DBusConnection.new_for_address_sync(house.address, flags, None, None)
    changes = read_only_changes(bus)
    filler = fill(house)
    web = requests.Session()  # one connection for the tens of thousands of writes that still fit

    def refused() -> bool:
        """Writes go on in what is claimed already, then are refused; what is answered counts."""
        form = {"grant_type": "refresh_token", "client_id": app.client_id, "refresh_token": tokens["refresh_token"]}
        answer = web.post(house.issuer + "/oauth/token", data=form, timeout=20)
        assert answer.status_code in (200, 503), answer.text
        if answer.status_code == 200:
            tokens.update(answer.json())
            return False
        return "Retry-After" in answer.headers

    for _ in range(60_000):
        if refused():
            break
    else:
        raise AssertionError("the disk never got full")
    assert health(house) == 503 and house.ask("status")["read_only"] is True
    wait_until(lambda: heard(changes) == [True])
    assert "store-read-only" in house.log and "store-writable" not in house.log
    assert app.userinfo(tokens["access_token"]).status_code == 200
    assert person.email in person.get("/me").text
    refused = ("no-link", "Not approved: this user may not sign in here.", "")
    assert account(house, "demo", "daemon") == refused  # without an event, which nothing could keep

    filler.unlink()
    wait_until(lambda: health(house) == 200)
    assert house.ask("status")["read_only"] is False
    wait_until(lambda: heard(changes) == [True, False])
    assert "store-writable" in house.log
    state, _, event = account(house, "demo", "daemon")
    assert state == "no-link" and house.ask("explain", event)["detail"] == "web01 demo daemon"
    tokens.update(app.refresh(tokens["refresh_token"]).json())
    house.kill()
    house.start()
    assert app.userinfo(tokens["access_token"]).status_code == 200
