# SPDX-License-Identifier: GPL-3.0-or-later
"""The store as an administrator meets it: status, rotation of the KEK, backup and restore, checks; damage that refuses to start."""

import json
import os
import pathlib
import subprocess
from collections.abc import Iterator

import dbus
import house as houses
import pytest
from house import ANTARAD, House, Person
from oauth import App


@pytest.fixture
def house(bus: str, tmp_path: pathlib.Path) -> Iterator[House]:
    """One of its own for each test, since they end and damage it."""
    with houses.new_house(tmp_path, bus) as running:
        yield running


@pytest.fixture
def app(house: House) -> App:
    return App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))


def antarad(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ANTARAD, "--config", str(house.folder / "antarad.conf"), *words], capture_output=True, text=True, timeout=60, check=False)


def make_kek(path: pathlib.Path) -> pathlib.Path:
    subprocess.run([ANTARAD, "--make-kek", str(path)], check=True, timeout=20)
    return path


def test_status_tells_how_the_store_is(house: House) -> None:
    status = house.ask("status")
    assert status["read_only"] is False and status["clock_leapt"] is False and status["kek_rotating"] is False
    assert int(str(status["room_there"])) > int(str(status["room_needed"])) > 0
    assert "restored" not in status and "kek_removable" not in status


def test_kek_rotation_ends_with_the_old_one_removable(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    old = house.ask("kek", "status")["kek"]
    new_file = make_kek(house.folder / "kek.new")
    assert house.ask("kek", "rotate", str(new_file))["done"] == "rotate"
    status = house.ask("kek", "status")
    assert status["kek"] == old and status["kek_next"] != old and "kek_removable" not in status
    assert person.email in person.get("/me").text

    refused = house.ctl("kek", "rotate", str(make_kek(house.folder / "kek.third")), check=False)
    assert refused.returncode == 1 and "first start antarad with the KEK" in refused.stderr

    house.stop()
    (house.folder / "kek").unlink()
    new_file.rename(house.folder / "kek")
    house.start()
    status = house.ask("kek", "status")
    assert status["kek_removable"] == old and status["kek"] != old and "kek_next" not in status
    assert person.email in person.get("/me").text
    assert app.userinfo(tokens["access_token"]).status_code == 200


def test_k7_another_kek_is_refused_by_its_id_alone(house: House) -> None:
    needed = str(house.ask("kek", "status")["kek"])
    house.stop()
    secret = (house.folder / "kek").read_bytes()
    (house.folder / "kek").unlink()
    make_kek(house.folder / "kek")
    refused = antarad(house)
    assert refused.returncode == 1 and needed in refused.stderr
    assert secret.hex() not in refused.stderr


def test_a_file_that_is_no_kek_is_refused(house: House, person: Person) -> None:
    odd = house.folder / "odd"
    odd.write_bytes(b"x" * 33)
    refused = house.ctl("kek", "rotate", str(odd), check=False)
    assert refused.returncode == 1 and "no KEK" in refused.stderr
    assert "kek_next" not in house.ask("kek", "status")


def restored_house(house: House, backup: pathlib.Path) -> House:
    """The same configuration over a new, empty state directory."""
    house.stop()
    (house.folder / "state").rename(house.folder / "state.old")
    (house.folder / "state").mkdir()
    made = antarad(house, "--restore", str(backup))
    assert made.returncode == 0, made.stderr
    assert "Nobody is signed in" in made.stdout
    house.start()
    return house


def test_k10_after_a_restore_nothing_of_before_signs_anybody_in(house: House, app: App, person: Person) -> None:
    tokens = app.tokens(person)
    slug = app.userinfo(tokens["access_token"]).json()["sub"]
    unused_code = app.code(person)
    other_browser = Person(house, person.email)
    waiting = other_browser.submit(other_browser.get("/login"), email=person.email)
    letter = house.letter(person.email)
    backup = house.folder / "backup"
    assert house.ask("backup", str(backup))["done"] == "backup"
    assert backup.stat().st_mode & 0o777 == 0o600

    restored_house(house, backup)
    assert "restored" in house.ask("status")
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.redeem(unused_code).json()["error"] == "invalid_grant"
    assert person.email not in person.get("/me").text
    assert person.email not in other_browser.submit(waiting, code=letter.code).text
    assert person.email not in other_browser.get("/me").text
    fresh = Person(house, person.email)
    assert app.userinfo(app.tokens(fresh)["access_token"]).json()["sub"] == slug

    assert house.ctl("check", "--confirm-restore").returncode == 0
    assert "restored" not in house.ask("status")


def test_a_backup_does_not_overwrite_and_a_restore_needs_an_empty_directory(house: House) -> None:
    there = house.folder / "there"
    there.write_text("mine")
    assert "exists" in house.ctl("backup", str(there), check=False).stderr and there.read_text() == "mine"
    backup = house.folder / "backup"
    house.ctl("backup", str(backup))
    house.stop()
    refused = antarad(house, "--restore", str(backup))
    assert refused.returncode == 1 and "not empty" in refused.stderr
    house.start()


def test_a_backup_holds_no_email_and_no_slug(house: House, app: App, person: Person) -> None:
    slug = app.userinfo(app.tokens(person)["access_token"]).json()["sub"]
    backup = house.folder / "backup"
    house.ctl("backup", str(backup))
    raw = backup.read_bytes()
    assert person.email.encode() not in raw and slug.encode() not in raw


def test_check_reads_all_and_check_store_explains_damage(house: House, app: App, person: Person) -> None:
    app.tokens(person)
    assert "are whole" in str(house.ask("check")["said"])
    assert "antaractl check" in antarad(house, "--check-store").stderr
    house.kill()
    assert "antarad --check-store" in house.ctl("check", check=False).stderr
    whole = antarad(house, "--check-store")
    assert whole.returncode == 0 and "all whole" in whole.stdout, whole

    journal = house.folder / "state/journal-00000001"
    bytes_there = bytearray(journal.read_bytes())
    bytes_there[64 + 100] ^= 1  # of the first frame
    journal.write_bytes(bytes_there)
    damaged = antarad(house, "--check-store")
    assert damaged.returncode == 1 and "journal-00000001: damaged at offset 64" in damaged.stdout and "--restore" in damaged.stdout
    refused = antarad(house)
    assert refused.returncode == 1 and "journal-00000001: damaged at offset 64" in refused.stderr
    bytes_there[64 + 100] ^= 1
    journal.write_bytes(bytes_there)
    house.start()
    assert person.email in person.get("/me").text


def test_progress_is_told_on_the_bus(house: House, person: Person) -> None:
    words = ["busctl", f"--address={house.address}", "--json=short", "get-property", "org.antara1", "/org/antara1", "org.antara1.Manager", "Progress"]
    house.ctl("check")
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout)["data"]
    assert told[:2] == ["check", "done"] and told[2] == told[3]
    houses.wait_until(lambda: "Work on the store is done: check" in house.log)


def test_a_pipe_is_no_place_for_a_backup(house: House) -> None:
    """One that nobody reads would hold the daemon's upkeep for ever."""
    bus = dbus.bus.BusConnection(house.address)
    manager = dbus.Interface(bus.get_object("org.antara1", "/org/antara1"), "org.antara1.Manager")
    reader, writer = os.pipe()
    with pytest.raises(dbus.exceptions.DBusException, match="regular file"):
        manager.Backup(dbus.types.UnixFd(writer))
    os.close(reader)
    os.close(writer)
    bus.close()


def test_strangers_may_not(house: House) -> None:
    for words in (("check",), ("backup", "/tmp/antara-nobody-backup")):
        refused = house.ctl(*words, user="nobody", check=False)
        assert refused.returncode == 1 and "may not" in refused.stderr, refused
    assert not pathlib.Path("/tmp/antara-nobody-backup").exists()
