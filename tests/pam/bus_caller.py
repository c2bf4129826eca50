# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of some user on the bus, one connection for each: by org.antara1.Pam alone, without the module."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import private_bus

PROGRAM = """
import json, sys, dbus, dbus.bus
bus = dbus.bus.BusConnection(sys.argv[1])
pam = dbus.Interface(bus.get_object("org.antara1", "/org/antara1", introspect=False), "org.antara1.Pam")
print("ready", flush=True)
for line in sys.stdin:
    member, words = json.loads(line)
    details = [dbus.Dictionary(word, signature="sv") if isinstance(word, dict) else word for word in words]
    try:
        print(json.dumps({"answer": getattr(pam, member)(*details)}), flush=True)
    except dbus.DBusException as error:
        print(json.dumps({"error": error.get_dbus_name(), "words": error.get_dbus_message()}), flush=True)
"""
NAMES = ("conversation", "state", "info", "prompt", "echo", "event", "timeout_seconds", "environment")


class Refused(Exception):
    """The name of a bus error, and its words."""


class BusCaller:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def call(self, member: str, *words: Any) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([member, words]) + "\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        if "error" in found:
            raise Refused(found["error"], found["words"])
        return found["answer"]

    def open(self, service: str, user: str, **details: Any) -> dict[str, Any]:
        return dict(zip(NAMES, self.call("Open", service, user, details), strict=True))

    def respond(self, conversation: str, typed: str) -> dict[str, Any]:
        return dict(zip(NAMES, self.call("Respond", conversation, typed), strict=True))


@contextlib.contextmanager
def bus_caller(address: str, user: str) -> Iterator[BusCaller]:
    process = subprocess.Popen(
        ["/usr/bin/python3", "-c", PROGRAM, address], user=user, group=user if user == "root" else "nogroup", extra_groups=[],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield BusCaller(process)
    finally:
        private_bus.stop(process)
