# SPDX-License-Identifier: GPL-3.0-or-later
"""org.antara1.Approval: who may list, deny and approve what waits at a prompt, and who is told. Real bus, real polkitd."""

import contextlib
import json
import pathlib
import select
import shutil
import subprocess
import xml.etree.ElementTree
from collections.abc import Iterator
from typing import Any

import house as houses
import private_bus
import pytest
from house import ROOT, House, Person, wait_until
from prompt import Prompt

ALICE, BOB, ADMIN, WHEEL = "games", "man", "lp", "news"  # users that every Debian has
RULES = """polkit.addRule(function (action, subject) {
    if (action.id == "org.antara1.manage-approvals" && subject.user == "%s") { return polkit.Result.YES; }
    if (action.id == "org.antara1.approve-own" && subject.user == "%s") { return polkit.Result.NO; }
});
"""
STRICT = "backup"  # to whom the host's rule forbids what the default allows
SERVICES = """[service demo]

[service numberless]
completion_number = never

[service coded]
methods = code

[service sudo]

[service sudo-i]

[service su]

[service polkit-1]

[service corp-sudo]
"""
Answer = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    group = folder / "group"
    shutil.copy("/etc/group", group)
    group.write_text(group.read_text().replace("sudo:x:27:", f"sudo:x:27:{WHEEL}"))
    assert f"sudo:x:27:{WHEEL}" in group.read_text()
    private_bus.bind(group, pathlib.Path("/etc/group"))
    try:
        with private_bus.private_bus(ROOT, RULES % (ADMIN, STRICT)) as address, houses.new_house(folder, address, services=SERVICES) as running:
            yield running
    finally:
        subprocess.run(["umount", "/etc/group"], check=True)


@pytest.fixture(scope="module")
def person(house: House) -> Person:
    """Whose account is linked to all these local users, for all services."""
    someone = Person(house, "somebody@example.org")
    someone.sign_in()
    for user in (ALICE, BOB, ADMIN, WHEEL, STRICT, "root"):
        house.ctl("link", "add", user, "--email", someone.email)
    return someone


@pytest.fixture(autouse=True)
def everybody_is_linked(person: Person) -> Person:
    return person


@contextlib.contextmanager
def waiting(house: House, service: str = "demo", user: str = ALICE, **details: str | bool) -> Iterator[Prompt]:
    """At a terminal of this host, unless it is said otherwise."""
    prompt = Prompt(house, service, user, **{"tty": "pts/1", **details})
    try:
        yield prompt
    finally:
        prompt.close()


def call(house: House, user: str | None, member: str, *words: str) -> Answer:
    """One method as it is on the bus, by a connection of that user."""
    signature = ["s" * len(words), *words] if words else []
    command = ["busctl", f"--address={house.address}", "--json=short", "call", "org.antara1", "/org/antara1", "org.antara1.Approval", member, *signature]
    return subprocess.run(command, user=user, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30)


def data(answer: Answer) -> list[Any]:
    assert answer.returncode == 0, answer
    return list(json.loads(answer.stdout)["data"])


def refused(answer: Answer, words: str) -> bool:
    return answer.returncode == 1 and words in answer.stderr


def listed(house: House, user: str | None, member: str = "List") -> dict[str, list[Any]]:
    return {row[0]: row for row in data(call(house, user, member, ""))[0]}


NOT_THERE = "There is no such thing"
MORE = "more than you have"
ELSEWHERE = "another machine"
NOT_KNOWN = "not known for sure"


def test_b8_ones_own_sign_in_on_this_host_is_approved_and_its_number_typed(house: House) -> None:
    with waiting(house) as prompt:
        assert listed(house, ALICE)[prompt.id][1:8] == ["demo", ALICE, "", "pts/1", "", False, True]
        number, event = data(call(house, ALICE, "Approve", "", prompt.id))
        assert listed(house, ALICE)[prompt.id][6:8] == [True, False]
        assert prompt.type()[0] == "ask"
        assert prompt.type(number)[0] == "approved"
        assert listed(house, ALICE) == {}
    told = house.ctl("explain", event, as_json=False).stdout
    assert "granted" in told and "approved on the bus by uid 5" in told, told


def test_b8_a_wrong_number_ends_it(house: House) -> None:
    with waiting(house) as prompt:
        number, _ = data(call(house, ALICE, "Approve", "", prompt.id))
        assert prompt.type(f"{(int(number) + 1) % 100:02d}")[0] == "denied"
        assert refused(call(house, ALICE, "Approve", "", prompt.id), NOT_THERE)


def test_without_a_number_enter_is_enough(house: House) -> None:
    with waiting(house, "numberless") as prompt:
        assert data(call(house, ALICE, "Approve", "", prompt.id))[0] == ""
        assert prompt.type()[0] == "approved"


FORBIDDEN: list[tuple[str, dict[str, str | bool], str]] = [
    ("sudo", {}, MORE),
    ("sudo-i", {}, MORE),
    ("su", {}, MORE),
    ("su-l", {}, MORE),
    ("polkit-1", {}, MORE),
    ("corp-sudo", {"ruser": ALICE}, MORE),
    ("demo", {"ruser": BOB}, MORE),
    ("demo", {"privileged": True}, "may become root"),
    ("demo", {"rhost": "203.0.113.7"}, ELSEWHERE),
    ("demo", {"rhost": "127.0.0.1"}, ELSEWHERE),
    ("demo", {"rhost": "::1"}, ELSEWHERE),
    ("demo", {"rhost": "web01"}, ELSEWHERE),
    ("demo", {"tty": ""}, NOT_KNOWN),
    ("demo", {"tty": "xrdp-sesman"}, NOT_KNOWN),
]


@pytest.mark.parametrize(("service", "details", "words"), FORBIDDEN)
def test_b8_nothing_is_approved_that_gives_more_than_one_has(house: House, service: str, details: dict[str, str | bool], words: str) -> None:
    """It is listed, and can be denied."""
    with waiting(house, service, **details) as prompt:
        assert listed(house, ALICE)[prompt.id][7] is False
        assert refused(call(house, ALICE, "Approve", "", prompt.id), words)
        state, said = prompt.type()
        assert state in ("wait", "ask") and "number" not in said.replace("type the number it shows", ""), said
        data(call(house, ALICE, "Deny", "", prompt.id))
        state, said = prompt.type()
        assert state == "denied" and ("declined on this host" in said or service == "polkit-1"), said  # a dialogue has no room for words


def test_b8_where_only_one_time_codes_are_taken_nothing_is_approved(house: House) -> None:
    with waiting(house, "coded") as prompt:
        assert listed(house, ALICE)[prompt.id][7] is False
        assert refused(call(house, ALICE, "Approve", "", prompt.id), "one-time codes alone")
        assert prompt.type()[0] == "denied"


def test_b8_a_member_of_a_privileged_group_is_one_whatever_the_prompt_said(house: House) -> None:
    with waiting(house, user=WHEEL, privileged=False) as prompt:
        assert refused(call(house, WHEEL, "Approve", "", prompt.id), "may become root")
        assert refused(call(house, None, "Approve", "", prompt.id), NOT_THERE)  # root's own are root's
    with waiting(house, user="root", privileged=False) as prompt:
        assert refused(call(house, None, "Approve", "", prompt.id), "may become root")


@pytest.mark.parametrize("member", ["Approve", "Deny"])
def test_b8_another_users_is_as_if_it_did_not_exist(house: House, member: str) -> None:
    with waiting(house) as prompt:
        assert listed(house, BOB) == {}
        answer, made_up = call(house, BOB, member, "", prompt.id), call(house, BOB, member, "", "A" * 22)
        assert refused(answer, NOT_THERE) and answer.stderr == made_up.stderr
        assert prompt.id in listed(house, ALICE)


def test_a_rule_of_the_host_may_say_less(house: House) -> None:
    with waiting(house, user=STRICT) as prompt:
        assert refused(call(house, STRICT, "Approve", "", prompt.id), "org.antara1.approve-own")
        assert prompt.id in listed(house, STRICT)


def test_several_accounts_of_one_user_decide_on_the_page(house: House) -> None:
    other = Person(house, "second@example.org")
    other.sign_in()
    with waiting(house, user=BOB) as prompt:
        house.ctl("link", "add", BOB, "--email", other.email)
        assert refused(call(house, BOB, "Approve", "", prompt.id), "Several accounts")
        house.ctl("account", "suspend", other.email)
        number, _ = data(call(house, BOB, "Approve", "", prompt.id))
        assert prompt.type(number)[0] == "approved"


def test_who_is_not_linked_approves_nothing(house: House) -> None:
    with waiting(house, user="nobody") as prompt:
        assert refused(call(house, "nobody", "Approve", "", prompt.id), "nobody is linked")
        assert prompt.type()[0] in ("wait", "ask")


# --- administrators ---

OF_ALL = [("ListAll", 0), ("DenyAny", 1), ("ApproveAny", 1), ("WatchAll", 0)]


@pytest.mark.parametrize(("member", "ids"), OF_ALL)
def test_b1_only_an_administrator_reaches_everybodys(house: House, member: str, ids: int) -> None:
    with waiting(house) as prompt:
        before = listed(house, None, "ListAll")
        for user in ("nobody", ALICE, WHEEL):
            answer = call(house, user, member, "", *[prompt.id] * ids)
            assert refused(answer, "org.antara1.manage-approvals"), answer
        assert listed(house, None, "ListAll") == before and prompt.id in before


def test_an_administrator_is_asked_each_time() -> None:
    """Of all the defaults none is kept, and none is without a password."""
    for action in xml.etree.ElementTree.parse(ROOT / "polkit/org.antara1.policy").iter("action"):
        if action.get("id") == "org.antara1.manage-approvals":
            assert [default.text for default in action.iter() if default.tag.startswith("allow_")] == ["auth_admin"] * 3
            return
    raise AssertionError("there is no such action")


@pytest.mark.parametrize("user", [None, ADMIN])
def test_an_administrator_lists_denies_and_approves_what_others_may_not(house: House, user: str | None) -> None:
    with waiting(house, "sudo", WHEEL, privileged=True, ruser=WHEEL) as first, waiting(house, "su", BOB, ruser=ALICE) as second:
        rows = listed(house, user, "ListAll")
        assert rows[first.id][7] is True and rows[second.id][3] == ALICE
        number, _ = data(call(house, user, "ApproveAny", "", first.id))
        first.type()
        assert first.type(number)[0] == "approved"
        (event,) = data(call(house, user, "DenyAny", "", second.id))
        assert "declined by an administrator" in house.ctl("explain", event, as_json=False).stdout
        state, said = second.type()
        assert state == "denied" and "declined on this host" in said and "administrator" not in said


def test_b8_not_even_an_administrator_lets_somebody_in_from_elsewhere(house: House) -> None:
    with waiting(house, rhost="203.0.113.7") as prompt:
        assert refused(call(house, None, "ApproveAny", "", prompt.id), ELSEWHERE)
        data(call(house, None, "DenyAny", "", prompt.id))
        assert prompt.type()[0] == "denied"


# --- what is shown, and to whom ---


@pytest.mark.parametrize("words", [("List", "no-such-tenant"), ("List",), ("Approve", "", "x"), ("Approve", "", "A" * 100_000), ("Deny", "", "!" * 22)])
def test_b2_odd_arguments_are_errors_and_the_daemon_lives(house: House, words: tuple[str, ...]) -> None:
    assert call(house, ALICE, *words).returncode == 1
    assert call(house, ALICE, "List", "").returncode == 0


def test_b4_no_slug_code_address_or_person_is_shown_to_anybody(house: House, person: Person) -> None:
    with waiting(house, rhost="203.0.113.7") as prompt:
        whole = ["busctl", f"--address={house.address}", "call", "org.antara1", "/org/antara1"]
        properties = [*whole, "org.freedesktop.DBus.Properties", "GetAll", "s", "org.antara1.Approval"]
        objects = [*whole, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"]
        for command in (properties, objects):
            shown = subprocess.run(command, user="nobody", capture_output=True, text=True, check=True, timeout=30).stdout
            assert prompt.id not in shown and "203.0.113.7" not in shown and ALICE not in shown
        assert subprocess.run(properties, user="nobody", capture_output=True, text=True, check=True, timeout=30).stdout == "a{sv} 0\n"
        row = listed(house, ALICE)[prompt.id]
        assert len(row) == 10 and person.email not in str(row)


@contextlib.contextmanager
def watching(house: House, user: str | None, *words: str) -> Iterator["subprocess.Popen[str]"]:
    command = [str(houses.ANTARACTL), "--json", "approval", "watch", *words]
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": house.address}
    with subprocess.Popen(command, user=user, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout
    return dict(json.loads(process.stdout.readline()))


def test_who_watches_is_told_of_his_own_that_began_here_and_of_nothing_else(house: House) -> None:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(waiting(house, "numberless"))
        watch = stack.enter_context(watching(house, ALICE))
        assert line(watch)["id"] == first.id  # so it is registered
        stack.enter_context(waiting(house, user=BOB))
        stack.enter_context(waiting(house, rhost="203.0.113.7"))
        data(call(house, ALICE, "Approve", "", first.id))
        assert line(watch) == {**line_of(house, first), "approved": True}
        assert first.type()[0] == "approved"
        assert line(watch) == {"id": first.id, "over": True}
        second = stack.enter_context(waiting(house))
        assert line(watch) == {**line_of(house, second), "approvable": True}


def line_of(house: House, prompt: Prompt) -> dict[str, Any]:
    rows = json.loads(house.ctl("approval", "list", user=ALICE).stdout)
    return dict(next(row for row in rows if row["id"] == prompt.id))


def test_an_administrator_watches_everybodys_by_id_alone_and_lists_when_he_likes(house: House) -> None:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(waiting(house))
        root = stack.enter_context(watching(house, None))
        assert line(root)["id"] == first.id
        watch = stack.enter_context(watching(house, ADMIN, "--all"))
        told: list[dict[str, Any]] = []
        begun = stack.enter_context(waiting(house, user=BOB))
        assert line(root)["local_user"] == BOB
        # The watch of the other administrator says nothing before the first signal: it may begin later.
        assert watch.stdout
        ids = {begun.id}
        while not told:
            ids.add(stack.enter_context(waiting(house, user=WHEEL)).id)
            line(root)
            told += [line(watch)] if readable(watch) else []
        assert set(told[0]) == {"id"} and told[0]["id"] in ids


def readable(process: "subprocess.Popen[str]") -> bool:
    return bool(select.select([process.stdout], [], [], 0.2)[0])


def test_b4_signals_go_to_nobody_who_did_not_ask(house: House) -> None:
    command = ["gdbus", "monitor", "--address", house.address, "--dest", "org.antara1"]
    with waiting(house) as first, watching(house, ALICE) as watch, subprocess.Popen(command, user=ALICE, stdout=subprocess.PIPE, text=True) as monitor:
        assert line(watch)["id"] == first.id and monitor.stdout
        while "is owned by" not in monitor.stdout.readline():
            pass
        data(call(house, ALICE, "Approve", "", first.id))
        assert line(watch)["approved"] is True  # it was sent
        house.add_app("Told to everybody")
        seen: list[str] = []
        while not seen or "InterfacesAdded" not in seen[-1]:
            seen.append(monitor.stdout.readline())
        monitor.terminate()
    assert not [text for text in seen if "Approval" in text or first.id in text], seen


def test_who_watches_has_few_places_and_leaves_them(house: House) -> None:
    with waiting(house) as first, contextlib.ExitStack() as stack:
        watches = [stack.enter_context(watching(house, ALICE)) for _ in range(8)]
        for watch in watches:
            assert line(watch)["id"] == first.id
        assert refused(call(house, ALICE, "Watch", ""), "Too many connections")
        assert call(house, BOB, "Watch", "").returncode == 0  # and is gone again
        watches[0].terminate()
        watches[0].wait()
        wait_until(lambda: call(house, ALICE, "Watch", "").returncode == 0)


# --- antaractl ---


def test_antaractl_lists_approves_and_denies_for_a_person_and_for_root(house: House) -> None:
    with waiting(house) as first, waiting(house, "sudo", WHEEL) as second:
        assert [row["id"] for row in json.loads(house.ctl("approval", "list", user=ALICE).stdout)] == [first.id]
        assert {first.id, second.id} <= {row["id"] for row in json.loads(house.ctl("approval", "list").stdout)}
        assert "demo" in house.ctl("approval", "list", user=ALICE, as_json=False).stdout
        approved = json.loads(house.ctl("approval", "approve", first.id, user=ALICE).stdout)
        assert approved["id"] == first.id and len(approved["number"]) == 2 and approved["event"]
        first.type()
        assert first.type(approved["number"])[0] == "approved"
        other = house.ctl("approval", "deny", second.id, user=ALICE, check=False)
        assert other.returncode == 1 and "--all" in other.stderr
        all_of_them = house.ctl("approval", "list", "--all", user=ALICE, check=False)
        assert all_of_them.returncode == 1 and "manage-approvals" in all_of_them.stderr
        assert house.ctl("approval", "list", "--all", user=ADMIN).returncode == 0
        denied = json.loads(house.ctl("approval", "deny", second.id).stdout)
        assert denied["id"] == second.id
        assert f"sudo {WHEEL}" in house.ctl("explain", denied["event"], as_json=False).stdout


def test_each_decision_is_logged_with_who_made_it_and_without_the_number(house: House) -> None:
    with waiting(house) as first:
        number, event = data(call(house, ALICE, "Approve", "", first.id))
        (told,) = [text for text in house.log.splitlines() if event in text]
        assert "approval-decided" in told and "UID=5" in told and "approved" in told and f"={number} " not in told + " "


def test_what_watches_ends_when_the_daemon_does(house: House) -> None:
    with waiting(house) as first, watching(house, ALICE) as watch:
        assert line(watch)["id"] == first.id
        house.stop()
        try:
            assert watch.wait(20) == 1
        finally:
            house.start()
