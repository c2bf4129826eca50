# SPDX-License-Identifier: GPL-3.0-or-later
"""Row B6: whoever makes polkit hold thousands of calls slows no page, and locks nobody out of the bus."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from house import House, Person
from prompt import Prompt, connect

STRANGERS = ("nobody", "games", "man", "lp", "news")
CONNECTIONS = 40  # of each
SIGN_INS = 30  # amid the flood
CALLS = 16  # of each connection: as many as one may have under way

# Sends all calls, says so, then tells how each was answered.
STRANGER = """
import json, sys
from gi.repository import Gio, GLib

address, connections, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
answers = []

def answered(bus, result):
    try:
        bus.call_finish(result)
        answers.append("done")
    except GLib.Error as error:
        answers.append(Gio.DBusError.get_remote_error(error) or error.message)

kept = [Gio.DBusConnection.new_for_address_sync(address, flags, None, None) for _ in range(connections)]
for bus in kept:
    for _ in range(calls):
        bus.call("org.antara1", "/org/antara1", "org.antara1.Approval", "ListAll", GLib.Variant("(s)", ("",)), None, Gio.DBusCallFlags.NONE, 120000, None, answered)
for bus in kept:
    bus.flush_sync(None)
print("sent", flush=True)
while len(answers) < connections * calls:
    GLib.MainContext.default().iteration(True)
print(json.dumps(answers), flush=True)
"""


def as_user(user: str, script: str, house: House) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, house.address, str(CONNECTIONS), str(CALLS)]
    return subprocess.Popen(command, user=user, stdout=subprocess.PIPE, text=True)


def polkitd(house: House) -> int:
    command = ["busctl", f"--address={house.address}", "--json=short", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"]
    words = ["GetConnectionUnixProcessID", "s", "org.freedesktop.PolicyKit1"]
    return int(json.loads(subprocess.run([*command, *words], capture_output=True, text=True, check=True, timeout=20).stdout)["data"][0])


@contextlib.contextmanager
def asleep(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def longest(person: Person, times: int) -> float:
    """Seconds of the slowest of several pages, each by a connection of its own."""
    waits = []
    for _ in range(times):
        person.web.close()  # its connection, not its cookies
        begun = time.monotonic()
        assert person.email in person.get("/me").text
        waits.append(time.monotonic() - begun)
    return max(waits)


def test_b6_thousands_of_calls_that_wait_for_polkit_slow_no_page(house: House, person: Person) -> None:
    person.sign_in()
    longest(person, 20)
    with contextlib.ExitStack() as stack:
        with asleep(polkitd(house)):
            strangers = [stack.enter_context(as_user(user, STRANGER, house)) for user in STRANGERS]
            for stranger in strangers:
                assert stranger.stdout and stranger.stdout.readline() == "sent\n"
            assert longest(person, 50) < 1
            # What asks polkit nothing goes on for who must get in, by root's own calls.
            prompt = Prompt(house, "demo", "nobody")
            assert prompt.type()[0] in ("ask", "wait")
            prompt.close()
        answers = [answer for stranger in strangers if stranger.stdout for answer in json.loads(stranger.stdout.readline())]
    assert len(answers) == len(STRANGERS) * CONNECTIONS * CALLS > 3000
    assert set(answers) <= {"org.antara1.Error.AccessDenied", "org.antara1.Error.LimitsExceeded"}, set(answers)
    assert answers.count("org.antara1.Error.AccessDenied") > 0 and answers.count("org.antara1.Error.LimitsExceeded") > 0
    assert house.ctl("approval", "list").returncode == 0 and house.antarad and house.antarad.poll() is None


# Sends a call again for each that is answered, until it is killed.
FLOOD = """
import sys
from gi.repository import Gio, GLib

address, connections, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION

def send(bus):
    bus.call("org.antara1", "/org/antara1", "org.antara1.Approval", "Unwatch", None, None, Gio.DBusCallFlags.NONE, 60000, None, answered)

def answered(bus, result):
    try:
        bus.call_finish(result)
    except GLib.Error:
        pass  # refused, which is as good to it
    send(bus)

kept = [Gio.DBusConnection.new_for_address_sync(address, flags, None, None) for _ in range(connections)]
for bus in kept:
    for _ in range(calls):
        send(bus)
print("sent", flush=True)
GLib.MainLoop().run()
"""


def test_p13_a_flood_of_calls_keeps_no_sign_in_out(house: House) -> None:
    bus = connect(house)
    with as_user("nobody", FLOOD, house) as flood:
        try:
            assert flood.stdout and flood.stdout.readline() == "sent\n"
            for _ in range(SIGN_INS):
                assert Prompt(house, "demo", "nobody", bus).type("00")[0] == "denied"
            assert flood.poll() is None
        finally:
            flood.kill()
