# SPDX-License-Identifier: GPL-3.0-or-later
"""Row B5: who administers one tenant on the bus meets what another has as if it did not exist."""

import json
import pathlib
import subprocess
import xml.etree.ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, replace

import house as houses
import pytest
from house import ROOT, House, Person
from prompt import Prompt

MADE_UP = "A" * 22
THINGS = {"client_id", "id", "account", "session", "email"}  # arguments that name a thing of a tenant


@dataclass
class Things:
    """One of each that the tenant "test" has."""

    client_id: str
    account: str
    email: str
    session: str
    key: str
    event: str
    approval: str
    link: str


NOTHING = Things(MADE_UP, MADE_UP, "nobody.at.all@example.org", MADE_UP, MADE_UP, "0000-00", MADE_UP, MADE_UP)


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two tenants; the host is of the first."""
    port = houses.free_port()
    more = f"[tenant second]\nissuer = http://127.0.0.1:{port}\nsign_up = open\nlimits = {houses.LIMITS}"
    both = House(tmp_path_factory.mktemp("house"), bus, port, services="tenant = test\n\n[service demo]", tenant=more)
    both.start()
    try:
        yield both
    finally:
        assert both.stop() == 0


@pytest.fixture(scope="module")
def things(house: House) -> Iterator[Things]:
    person = Person(house, "alice@example.org")
    person.sign_in()
    here = ("--tenant", "test")
    client_id = str(house.ask(*here, "app", "add", "Bakery", "--redirect-uri", "https://app.example/cb")["client_id"])
    key = str(house.ask(*here, "key", "add", client_id)["id"])
    account = str(house.ask(*here, "account", "show", person.email)["id"])
    session = str(json.loads(house.ctl(*here, "session", "list", person.email).stdout)[0]["id"])
    link = str(house.ask(*here, "link", "add", "daemon", "--email", person.email)["id"])
    denied = Prompt(house, "demo", "nobody")
    event = str(house.ask("approval", "deny", denied.id)["event"])
    denied.close()
    waiting = Prompt(house, "demo", "nobody")
    yield Things(client_id, account, person.email, session, key, event, waiting.id, link)
    waiting.close()


def call(house: House, interface: str, member: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["busctl", f"--address={house.address}", "call", "org.antara1", "/org/antara1", f"org.antara1.{interface}", member, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30)


def rows(of: Things) -> dict[tuple[str, str], list[str]]:
    """Each method that names a thing, with all its arguments, as the second tenant's administrator calls it."""
    manager = {
        "ShowApp": ["ss", "second", of.client_id],
        "SetApp": ["ssa{sv}", "second", of.client_id, "1", "Name", "s", "Taken"],
        "RemoveApp": ["ss", "second", of.client_id],
        "AddKey": ["ssast", "second", of.client_id, "0", "0"],
        "ListKeys": ["ss", "second", of.client_id],
        "RevokeKey": ["ss", "second", of.key],
        "FindAccount": ["ss", "second", of.email],
        "ShowAccount": ["ss", "second", of.account],
        "SuspendAccount": ["ss", "second", of.account],
        "ResumeAccount": ["ss", "second", of.account],
        "RevokeSession": ["ss", "second", of.session],
        "Explain": ["ss", "second", of.event],
        "AddLink": ["sssas", "second", "nobody", of.email, "0"],
    }
    approval = {member: ["ss", "second", of.approval] for member in ("Approve", "ApproveAny", "Deny", "DenyAny")}
    link = {"Finish": ["sss", "second", of.link, "12"], "Remove": ["ssas", "second", of.link, "0"]}
    named = {**{("Approval", name): words for name, words in approval.items()}, **{("Link", name): words for name, words in link.items()}}
    return {**{("Manager", name): words for name, words in manager.items()}, **named}


ROWS = sorted(rows(NOTHING))


@pytest.mark.parametrize(("interface", "member"), ROWS)
def test_b5_another_tenants_thing_is_answered_like_one_that_nobody_has(house: House, things: Things, interface: str, member: str) -> None:
    theirs = call(house, interface, member, *rows(things)[interface, member])
    nobodys = call(house, interface, member, *rows(NOTHING)[interface, member])
    assert theirs.returncode == nobodys.returncode == 1, theirs
    assert theirs.stderr == nobodys.stderr


def test_b5_what_is_listed_is_the_tenants_own(house: House, things: Things) -> None:
    assert call(house, "Manager", "ListApps", "s", "second").stdout.split() == ["a(ssasasssxasasssusssbx)", "0"]
    theirs, nobodys = (call(house, "Manager", "ListSessions", "ss", "second", account) for account in (things.account, MADE_UP))
    assert (theirs.returncode, theirs.stdout, theirs.stderr) == (nobodys.returncode, nobodys.stdout, nobodys.stderr)
    assert things.session not in theirs.stdout


def test_b5_each_method_that_names_a_thing_has_a_row() -> None:
    asked = set(ROWS) | {("Manager", "AddAccount"), ("Manager", "ListSessions")}  # whose address is new to each tenant; above
    for path in sorted(pathlib.Path(ROOT, "dbus").glob("org.antara1.*.xml")):
        for interface in xml.etree.ElementTree.parse(path).iter("interface"):
            name = str(interface.get("name")).removeprefix("org.antara1.")
            for method in interface.iter("method"):
                takes = {arg.get("name") for arg in method.iter("arg") if arg.get("direction") == "in"}
                assert "tenant" not in takes or not takes & THINGS or (name, method.get("name")) in asked, f"{name}.{method.get('name')} needs a row"


def test_b5_and_all_of_it_is_as_it_was(house: House, things: Things) -> None:
    """After the rows above, to its own administrator."""
    for interface, member in ROWS:
        call(house, interface, member, *rows(things)[interface, member])
    here = ("--tenant", "test")
    assert house.ask(*here, "app", "show", things.client_id)["name"] == "Bakery"
    assert [row["id"] for row in json.loads(house.ctl(*here, "key", "list", things.client_id).stdout)] == [things.key]
    assert house.ask(*here, "account", "show", things.account)["state"] == "active"
    assert [row["id"] for row in json.loads(house.ctl(*here, "session", "list", things.email).stdout)] == [things.session]
    assert house.ctl(*here, "explain", things.event).returncode == 0
    assert things.approval in house.ctl(*here, "approval", "list").stdout
    assert [row["id"] for row in json.loads(house.ctl(*here, "link", "list").stdout)] == [things.link]
    # The rows are not refused for their shape alone: so asked in its own tenant, each is there.
    for found in (things, replace(things, client_id=MADE_UP)):
        shown = call(house, "Manager", "ShowApp", "ss", "test", found.client_id)
        assert (shown.returncode == 0) == (found is things)
