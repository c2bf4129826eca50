# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt as the PAM module is one on the bus: org.antara1.Pam, called by root."""

from typing import Any

from gi.repository import Gio, GLib
from house import House

FLAGS = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION


def connect(house: House) -> Gio.DBusConnection:
    return Gio.DBusConnection.new_for_address_sync(house.address, FLAGS, None, None)


def call(bus: Gio.DBusConnection, member: str, arguments: GLib.Variant) -> tuple[Any, ...]:
    answer = bus.call_sync("org.antara1", "/org/antara1", "org.antara1.Pam", member, arguments, None, Gio.DBusCallFlags.NONE, 20_000, None)
    return tuple(answer.unpack())


def account(house: House, service: str, user: str) -> tuple[str, str, str]:
    """The account phase: state, info and event."""
    state, info, event = call(connect(house), "Account", GLib.Variant("(ss)", (service, user)))
    return str(state), str(info), str(event)


class Prompt:
    """One conversation; it ends with the connection."""

    def __init__(self, house: House, service: str, user: str, bus: Gio.DBusConnection | None = None, **details: str | bool) -> None:
        self.bus = bus or connect(house)
        packed = {name: GLib.Variant("b" if isinstance(value, bool) else "s", value) for name, value in details.items()}
        opened = self.call("Open", GLib.Variant("(ssa{sv})", (service, user, packed)))
        assert opened[1] == "ask", opened
        self.id = str(opened[0])
        self.info = str(opened[2])

    def call(self, member: str, arguments: GLib.Variant) -> tuple[Any, ...]:
        return call(self.bus, member, arguments)

    def type(self, text: str = "") -> tuple[str, str]:
        """What is typed, and Enter; gives the state and what is said."""
        answer = self.call("Respond", GLib.Variant("(ss)", (self.id, text)))
        return str(answer[1]), str(answer[2]) + str(answer[3])

    def close(self) -> None:
        self.bus.close_sync(None)
