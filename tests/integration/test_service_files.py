# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl service enable, disable, confirm: on a tree of its own, with the real daemon, and a systemd that notes what it is asked."""

import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from house import ANTARACTL, ROOT, House

SYSTEMD_POLICY = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><policy context="default">
  <allow own="org.freedesktop.systemd1"/> <allow send_destination="org.freedesktop.systemd1"/>
</policy></busconfig>
"""
# Answers as systemd does, and writes one JSON line for each call.
SYSTEMD = """
import json, sys, dbus.bus, dbus.service, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
units = set()
class Manager(dbus.service.Object):
    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ssa(sv)a(sa(sv))", out_signature="o")
    def StartTransientUnit(self, name, mode, properties, aux):
        if name in units:
            raise dbus.DBusException("it is there", name="org.freedesktop.systemd1.UnitExists")
        units.add(name)
        print(json.dumps(["start", name, mode, dict(properties), [[unit, dict(rows)] for unit, rows in aux]]), flush=True)
        return "/job/1"
    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ss", out_signature="o")
    def StopUnit(self, name, mode):
        if name not in units:
            raise dbus.DBusException("not loaded", name="org.freedesktop.systemd1.NoSuchUnit")
        units.discard(name)
        print(json.dumps(["stop", name, mode]), flush=True)
        return "/job/2"
bus = dbus.bus.BusConnection(sys.argv[1])
bus.request_name("org.freedesktop.systemd1")
Manager(bus, "/org/freedesktop/systemd1")
print("ready", flush=True)
GLib.MainLoop().run()
"""


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
    with open(notes, "wb") as file:
        process = subprocess.Popen(["/usr/bin/python3", "-c", SYSTEMD, house.address], stdout=file)
    try:
        while process.poll() is None and b"ready" not in notes.read_bytes():
            pass
        assert process.poll() is None
        yield notes
    finally:
        process.kill()
        process.wait()
        policy.unlink()


def ctl(house: House, tree: pathlib.Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return house.ctl("service", *words, "--root", str(tree), check=False)


def files(tree: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (tree / "etc/pam.d").iterdir()}


def enabled(house: House) -> set[str]:
    return {row["name"] for row in json.loads(house.ctl("service", "list").stdout) if row["enabled"]}


def notes_of(systemd: pathlib.Path) -> list[list[object]]:
    return [json.loads(line) for line in systemd.read_text().splitlines()[1:]]


def confirm_from(house: House, tree: pathlib.Path, program: str, service: str) -> "subprocess.CompletedProcess[str]":
    """From below a process of that name, as a shell is below sshd."""
    script = tree / program
    script.write_text('#!/bin/sh\n"$@"\nexit $?\n')
    script.chmod(0o755)
    command = [str(script), str(ANTARACTL), "service", "confirm", service, "--root", str(tree)]
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": house.address}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)


@pytest.mark.parametrize("service", ["sshd", "sudo", "login", "su"])
def test_enable_and_disable_leave_each_file_as_it_was(house: House, tree: pathlib.Path, service: str) -> None:
    before = files(tree)
    ran = ctl(house, tree, "enable", service)
    assert ran.returncode == 0, ran.stderr
    during = files(tree)
    assert during.pop(f"{service}.antara-backup") == before[service]
    assert b"pam_antara.so" in during[service]
    assert {name for name in during if during[name] != before[name]} == {service}
    assert service in enabled(house)
    assert ctl(house, tree, "enable", service).returncode == 0  # once more changes nothing
    assert ctl(house, tree, "disable", service).returncode == 0
    assert files(tree) == before
    assert service not in enabled(house)


def test_a_service_that_the_daemon_refuses_keeps_its_file(house: House, tree: pathlib.Path) -> None:
    shutil.copy(tree / "etc/pam.d/sudo", tree / "etc/pam.d/demo@1")  # no name for the daemon
    before = files(tree)
    ran = ctl(house, tree, "enable", "demo@1")
    assert ran.returncode == 1 and "is as it was" in ran.stderr
    assert files(tree) == before


def test_without_the_daemon_nothing_is_changed(house: House, tree: pathlib.Path) -> None:
    before = files(tree)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    command = [str(ANTARACTL), "service", "enable", "sshd", "--root", str(tree)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "bus can't be reached" in ran.stderr
    assert files(tree) == before


def test_disable_mends_the_file_while_the_daemon_is_away(house: House, tree: pathlib.Path) -> None:
    before = files(tree)
    assert ctl(house, tree, "enable", "sshd").returncode == 0
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    command = [str(ANTARACTL), "service", "disable", "sshd", "--root", str(tree)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "the daemon wasn't told" in ran.stderr
    assert files(tree) == before
    assert ctl(house, tree, "disable", "sshd").returncode == 0


@pytest.mark.parametrize("service", ["cron", "atd", "systemd-user", "common-auth", "other", "../../etc/passwd"])
def test_what_is_no_service_of_people_is_refused(house: House, tree: pathlib.Path, service: str) -> None:
    before = files(tree)
    for words in (("enable", service), ("enable", service, "--no-pam-file")):
        assert ctl(house, tree, *words).returncode == 1
    assert files(tree) == before and service not in enabled(house)


def test_a_full_disk_changes_nothing(house: House, tree: pathlib.Path) -> None:
    folder = tree / "etc/pam.d"
    small = tree / "small"
    shutil.copytree(folder, small)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    try:
        shutil.copytree(small, folder, dirs_exist_ok=True)
        with open(folder / "full", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        before = files(tree)
        ran = ctl(house, tree, "enable", "sshd")
        assert ran.returncode == 1 and "No space left" in ran.stderr
        assert files(tree) == before and "sshd" not in enabled(house)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_two_files_share_one_service_of_the_daemon(house: House, tree: pathlib.Path) -> None:
    assert "sudo-i" in json.loads(ctl(house, tree, "enable", "sudo").stdout)["also"]
    assert ctl(house, tree, "enable", "sudo-i").returncode == 0
    assert ctl(house, tree, "disable", "sudo-i").returncode == 0
    assert "sudo" in enabled(house)
    assert ctl(house, tree, "disable", "sudo").returncode == 0
    assert "sudo" not in enabled(house)


def test_without_systemd_a_change_that_waits_is_refused(house: House, tree: pathlib.Path) -> None:
    before = files(tree)
    ran = ctl(house, tree, "enable", "sshd", "--confirm-within", "5min")
    assert ran.returncode == 1 and "needs a running systemd" in ran.stderr
    assert files(tree) == before and "sshd" not in enabled(house)


@pytest.mark.parametrize("within", ["5", "1s", "2d", "soon"])
def test_a_time_that_is_no_time_is_refused(house: House, tree: pathlib.Path, within: str) -> None:
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", within).returncode in (1, 2)
    assert "sshd.antara-backup" not in files(tree)


def test_what_nobody_confirms_is_taken_back(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(tree)
    ran = ctl(house, tree, "enable", "sshd", "--confirm-within", "5min")
    assert ran.returncode == 0, ran.stderr
    (started,) = notes_of(systemd)
    assert started[:3] == ["start", "antara-revert-sshd.timer", "fail"]
    assert started[3] == {
        "Description": "Takes Antara's lines out of a PAM file unless they are confirmed",
        "TimersMonotonic": [["OnActiveSec", 300_000_000]],
        "AccuracyUSec": 1_000_000,
        "RemainAfterElapse": 0,
    }
    ((unit, properties),) = started[4]  # type: ignore[misc]
    assert unit == "antara-revert-sshd.service" and properties["Type"] == "oneshot"
    ((program, words, _),) = properties["ExecStart"]
    assert "waits for its confirmation" in ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").stderr
    with open(tree / "etc/pam.d/sshd", "a") as file:  # even lines that were spoilt by hand meanwhile
        file.write("auth required pam_antara.so\n")
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    subprocess.run([program, *words[1:]], env=environment, check=True)
    assert files(tree) == before
    assert ctl(house, tree, "disable", "sshd").returncode == 0
    assert ctl(house, tree, "confirm", "sshd").returncode == 1


def test_only_a_new_login_confirms(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    assert "Nothing of sshd waits" in confirm_from(house, tree, "sshd", "sshd").stderr
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "1h").returncode == 0
    assert "older than the change" in ctl(house, tree, "confirm", "sshd").stderr
    assert "older than the change" in confirm_from(house, tree, "sudo", "sshd").stderr
    ran = confirm_from(house, tree, "sshd", "sshd")
    assert ran.returncode == 0, ran.stderr
    assert [note[0] for note in notes_of(systemd)] == ["start", "stop"]
    assert b"pam_antara.so" in files(tree)["sshd"] and "sshd" in enabled(house)
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_a_refused_change_leaves_no_timer(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    shutil.copy(tree / "etc/pam.d/sudo", tree / "etc/pam.d/demo@1")
    assert ctl(house, tree, "enable", "demo@1", "--confirm-within", "5min").returncode == 1
    assert [note[:2] for note in notes_of(systemd)] == [["start", "antara-revert-demo_1.timer"], ["stop", "antara-revert-demo_1.timer"]]
