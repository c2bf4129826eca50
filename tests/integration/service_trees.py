# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl service on a tree of its own, with the real daemon, and a systemd that notes what it is asked."""

import contextlib
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator

from house import ANTARACTL, House, wait_until

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


@contextlib.contextmanager
def answering(program: str, notes: pathlib.Path, *words: str) -> Iterator[None]:
    """A program on the bus; `notes` has what it says."""
    with open(notes, "wb") as file:
        process = subprocess.Popen(["/usr/bin/python3", "-c", program, *words], stdout=file)
    try:
        wait_until(lambda: process.poll() is not None or b"ready" in notes.read_bytes())
        assert process.poll() is None
        yield
    finally:
        process.kill()
        process.wait()


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


def at_boot(house: House, tree: pathlib.Path) -> "list[dict[str, str]]":
    """What antara-revert.service does, and says."""
    ran = ctl(house, tree, "revert")
    assert ran.returncode == 0, ran.stderr
    return list(json.loads(ran.stdout))


def note_of(tree: pathlib.Path) -> pathlib.Path:
    return tree / "var/lib/antaractl/sshd.pending"


def let_pass(tree: pathlib.Path, seconds: int) -> None:
    edited, until, *rest = note_of(tree).read_text().split()
    note_of(tree).write_text(" ".join([edited, str(int(until) - seconds * 1_000_000), *rest]))
