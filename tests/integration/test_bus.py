# SPDX-License-Identifier: GPL-3.0-or-later
"""org.antara1 on a private bus with the real polkitd. Names begin with rows of the threat model."""

import json
import subprocess
import xml.etree.ElementTree

import pytest
from gi.repository import Gio, GLib
from house import BUILD, ROOT, House, Person

Signature = dict[str, list[tuple[str, str, str]]]
INTERFACES = sorted(path.name.split(".")[2] for path in (ROOT / "dbus").glob("org.antara1.*.xml"))


def busctl(house: House, *words: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
    command = ["busctl", f"--address={house.address}", *words]
    return subprocess.run(command, user=user, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30)


def call(house: House, member: str, *words: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
    return busctl(house, "call", "org.antara1", "/org/antara1", "org.antara1.Manager", member, *words, user=user)


def members(text: str, interface: str) -> Signature:
    """Methods, signals and properties with names, types and directions of what they carry."""
    found: Signature = {}
    for node in xml.etree.ElementTree.fromstring(text).iter("interface"):
        if node.get("name") != interface:
            continue
        for member in node:
            if member.tag == "property":
                found[str(member.get("name"))] = [("property", str(member.get("type")), str(member.get("access")))]
            elif member.tag in ("method", "signal"):
                found[str(member.get("name"))] = [(str(arg.get("name")), str(arg.get("type")), str(arg.get("direction", "out"))) for arg in member.iter("arg")]
    return found


@pytest.mark.parametrize("name", INTERFACES)
def test_the_xml_is_what_the_daemon_shows(house: House, name: str) -> None:
    house.add_app("Shown")
    tree = busctl(house, "--list", "tree", "org.antara1").stdout.split()
    paths = {"App": "/org/antara1/app/", "Service": "/org/antara1/service/"}
    path = next(found for found in tree if found.startswith(paths.get(name, "/org/antara1")))
    live = busctl(house, "introspect", "--xml-interface", "org.antara1", path).stdout
    written = (ROOT / f"dbus/org.antara1.{name}.xml").read_text()
    interface = f"org.antara1.{name}"
    assert members(written, interface) and members(written, interface) == members(live, interface)


@pytest.mark.parametrize("name", INTERFACES)
def test_the_reference_names_each_member(name: str) -> None:
    interface = f"org.antara1.{name}"
    _, _, section = (BUILD / "docs/dbus.md").read_text().partition(f"## {interface}\n")
    headings = [line.split()[-1] for line in section.partition("\n## ")[0].splitlines() if line.startswith("### ")]
    written = members((ROOT / f"dbus/{interface}.xml").read_text(), interface)
    assert headings and set(headings) == set(written)


STRANGERS = [
    ("AddApp", "sa{sv}", "", "2", "Name", "s", "Evil", "RedirectUris", "as", "1", "https://evil.example/cb"),
    ("AddAccount", "ss", "", "evil@example.org"),
    ("FindAccount", "ss", "", "sari@example.org"),
    ("EnableService", "ss", "", "sshd"),
    ("DisableService", "ss", "", "demo"),
    ("AddLink", "sssas", "", "root", "sari@example.org", "0"),
    ("RemoveLink", "ssas", "", "nobody", "0"),
    ("ListLinks", "s", ""),
    ("Explain", "ss", "", "7F3K-2M"),
    ("SetApp", "ssa{sv}", "", "AAAAAAAAAAAAAAAAAAAAAA", "0"),
    ("AddKey", "ssast", "", "AAAAAAAAAAAAAAAAAAAAAA", "0", "0"),
    ("RotateSigningKey", "sb", "", "false"),
    ("Check", ""),
    ("ConfirmRestore", ""),
    ("BelieveClock", ""),
]


@pytest.mark.parametrize("words", STRANGERS, ids=[row[0] for row in STRANGERS])
def test_b1_nobody_may(house: House, words: tuple[str, ...]) -> None:
    before = [house.ctl(noun, "list").stdout for noun in ("app", "service", "link")]
    refused = call(house, *words, user="nobody")
    assert refused.returncode == 1 and ("may not" in refused.stderr or "AccessDenied" in refused.stderr), refused
    assert [house.ctl(noun, "list").stdout for noun in ("app", "service", "link")] == before


def test_b1_each_method_is_among_the_strangers_or_open_to_all(house: House) -> None:
    written = members((ROOT / "dbus/org.antara1.Manager.xml").read_text(), "org.antara1.Manager")
    open_to_all = {"Status", "ListApps", "ShowApp", "ListServices"}
    by_descriptor = {"RotateKek", "Backup"}  # tests/integration/test_store.py
    refused = {row[0] for row in STRANGERS}
    properties = {name for name, rows in written.items() if rows and rows[0][0] == "property"}
    for member in set(written) - open_to_all - by_descriptor - properties - refused:
        signature = "".join(kind for _, kind, direction in written[member] if direction == "in")
        words = [
            "AAAAAAAAAAAAAAAAAAAAAA" if name in ("client_id", "account", "session", "id") else "" for name, _, direction in written[member] if direction == "in"
        ]
        assert set(signature) <= {"s"}, f"{member} needs a row of its own"
        answer = call(house, member, signature, *words, user="nobody")
        assert answer.returncode == 1 and "may not" in answer.stderr, (member, answer)


@pytest.mark.parametrize("words", [("AddApp", "s", "x"), ("AddAccount", "ss", "", "a" * 100_000), ("Status", "s", "no-such-tenant"), ("Status", "u", "7")])
def test_b2_odd_arguments_are_errors_and_the_daemon_lives(house: House, words: tuple[str, ...]) -> None:
    assert call(house, *words).returncode == 1
    assert call(house, "Status", "s", "").returncode == 0


def test_b2_two_waits_of_one_conversation_are_both_answered_and_the_daemon_lives(house: House) -> None:
    """Sent one behind the other: the second is read before the first is kept, or is refused as it is already."""
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    bus = Gio.DBusConnection.new_for_address_sync(house.address, flags, None, None)
    pam = ("org.antara1", "/org/antara1", "org.antara1.Pam")
    opened = bus.call_sync(*pam, "Open", GLib.Variant("(ssa{sv})", ("demo", "nobody", {})), None, Gio.DBusCallFlags.NONE, 10_000, None)
    states: list[str] = []

    def answered(source: Gio.DBusConnection, result: Gio.AsyncResult) -> None:
        try:
            states.append(source.call_finish(result).unpack()[1])
        except GLib.Error as error:
            states.append(error.message)

    for _ in range(2):
        bus.call(*pam, "Wait", GLib.Variant("(su)", (opened.unpack()[0], 500)), None, Gio.DBusCallFlags.NONE, 10_000, None, answered)
    while len(states) < 2:
        GLib.MainContext.default().iteration(True)
    bus.close_sync(None)
    assert sorted(state for state in states if not state.endswith("The conversation waits already.")) in (["wait"], ["wait", "wait"])
    assert house.antarad and house.antarad.poll() is None


def test_b3_polkit_is_asked_about_the_callers_bus_name(house: House) -> None:
    """Not about a process id, which another process may have by the time that polkit looks."""
    command = ["busctl", f"--address={house.address}", "--json=short", "monitor", "org.freedesktop.PolicyKit1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as monitor:
        assert monitor.stdout and monitor.stderr
        assert "Monitoring" in monitor.stderr.readline()
        assert call(house, "ListLinks", "s", "", user="nobody").returncode == 1
        asked = next(message for message in map(json.loads, monitor.stdout) if message.get("member") == "CheckAuthorization")
        monitor.terminate()
    kind, details = asked["payload"]["data"][0]
    assert kind == "system-bus-name" and set(details) == {"name"}
    assert details["name"]["data"].startswith(":") and details["name"]["data"] != asked["sender"]


def test_b4_what_anybody_may_read_is_about_nobody(house: House, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email)
    texts = [call(house, member, "s", "", user="nobody").stdout for member in ("Status", "ListApps", "ListServices")]
    texts.append(busctl(house, "call", "org.antara1", "/org/antara1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", user="nobody").stdout)
    assert all(texts)
    for text in texts:
        assert person.email not in text and "@" not in text.replace("antara@localhost", "")


def test_changes_are_told(house: House) -> None:
    command = ["busctl", f"--address={house.address}", "--json=short", "monitor", "org.antara1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as monitor:
        assert monitor.stdout and monitor.stderr
        assert "Monitoring" in monitor.stderr.readline()
        client_id = house.add_app("Told")
        house.ctl("app", "set", client_id, "--name", "Told twice")
        house.ctl("app", "remove", client_id)
        seen: list[str] = []
        for line in monitor.stdout:
            message = json.loads(line)
            if message.get("type") == "signal" and message.get("member") in ("InterfacesAdded", "PropertiesChanged", "InterfacesRemoved"):
                seen.append(message["member"])
            if "InterfacesRemoved" in seen:
                break
        monitor.terminate()
    assert seen == ["InterfacesAdded", "PropertiesChanged", "InterfacesRemoved"]


def test_b7_an_odd_name_is_refused(house: House) -> None:
    for name in ("a\x1b[31mb", "a\u202eb", "a\nb"):
        refused = house.ctl("app", "add", name, "--redirect-uri", "https://app.example/cb", check=False)
        assert refused.returncode == 1 and "\x1b" not in refused.stderr and "\u202e" not in refused.stderr


def test_antaractl_lists_what_there_is(house: House, person: Person) -> None:
    person.sign_in()
    client_id = house.add_app("Listed")
    assert client_id in house.ctl("app", "list").stdout and "Listed" in house.ctl("app", "list", as_json=False).stdout
    assert "Listed" in house.ctl("app", "show", client_id, as_json=False).stdout
    account = house.ask("account", "find", person.email)
    assert account["email"] == person.email
    rows = json.loads(house.ctl("session", "list", person.email).stdout)
    assert len(rows) == 1
    house.ctl("session", "revoke", rows[0]["id"])
    assert person.email not in person.get("/me").text
    unknown = house.ctl("link", "add", "nobody", "--email", "nobody.yet@example.org", check=False)
    assert unknown.returncode == 1 and "account add" in unknown.stderr
    assert house.ctl("nonsense", check=False).returncode == 2
