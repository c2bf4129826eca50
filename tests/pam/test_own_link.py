# SPDX-License-Identifier: GPL-3.0-or-later
"""A person links his account to the local user that he is: antaractl, polkit's own agent asking for the real Unix password, and the page."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pexpect
import pytest
import requests
from conftest import ended
from house import ANTARACTL, House, Person, new_house, wait_until
from real_host import accounts, names_from, services, system_bus

CAROL, ADMIN, LOCKED = 4301, 4302, 4303
PASSWORD = "correct horse"
SERVICES = "[service sshd]\n[service sudo]\n[service demo]"
NAMES = {CAROL: "antara-carol", ADMIN: "antara-admin", LOCKED: "antara-locked"}


def rows() -> dict[str, str]:
    """Somebody ordinary, a member of sudo, and somebody without a password."""
    made = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
    secrets = {CAROL: made, ADMIN: made, LOCKED: "*"}
    return {
        "passwd": "\n".join(f"{name}:x:{uid}:{uid}::/tmp:/bin/bash" for uid, name in NAMES.items()),
        "shadow": "\n".join(f"{name}:{secrets[uid]}:19000:0:99999:7:::" for uid, name in NAMES.items()),
        "group": "\n".join(f"{name}:x:{uid}:" for uid, name in NAMES.items()),
    }


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("accounts")
    with accounts(folder, rows()):
        text = pathlib.Path("/etc/group").read_text()
        (folder / "group").write_text(re.sub(r"^(sudo:.*:)(.*)$", rf"\1\2,{NAMES[ADMIN]}", text, flags=re.MULTILINE).replace(":,", ":"))
        polkit = "".join(f"{phase} required pam_unix.so\n" for phase in ("auth", "account"))
        with services(folder, {"polkit-1": polkit}), new_house(tmp_path_factory.mktemp("house"), bus, services=SERVICES) as running, system_bus(running):
            yield running


@contextlib.contextmanager
def antaractl(house: House, uid: int, *words: str) -> Iterator["pexpect.spawn[str]"]:
    """In a terminal of that local user, who has no desktop."""
    command = ["--reuid", str(uid), "--regid", str(uid), "--init-groups", "--", str(ANTARACTL), "--json", *words]
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": house.address, "LC_ALL": "C.UTF-8"}
    terminal = pexpect.spawn("setpriv", command, env=environment, timeout=20, encoding="utf-8", dimensions=(60, 300))
    try:
        yield terminal
    finally:
        terminal.close(force=True)


def give_password(terminal: "pexpect.spawn[str]", password: str = PASSWORD) -> None:
    terminal.expect_exact("Password: ")
    terminal.sendline(password)


def code_of(terminal: "pexpect.spawn[str]") -> str:
    terminal.expect(r"Code  (\w{4}-\w{4})")
    assert terminal.match
    code = str(terminal.match.group(1))
    terminal.expect_exact("Number: ")
    return code


def look(person: Person, code: str) -> requests.Response:
    return person.submit(person.get("/d"), user_code=code)


def approve(person: Person, code: str) -> str:
    """The number of the page."""
    page = look(person, code)
    assert "antara-carol @ web01" in page.text and "Link your account" in page.text and "demo" in page.text and "sudo" not in page.text
    found = re.search(r">\s*(\d\d)\s*<", person.submit(page, button="approve").text)
    assert found
    return found[1]


def rows_of(house: House) -> list[dict[str, Any]]:
    return list(json.loads(house.ctl("link", "list").stdout))


def test_b8_a_person_links_himself_and_those_linked_before_are_told(house: House, person: Person) -> None:
    earlier = Person(house, "earlier@example.org")
    earlier.sign_in()
    house.ctl("link", "add", "antara-carol", "--email", earlier.email)
    person.sign_in()
    with antaractl(house, CAROL, "link", "add") as terminal:
        give_password(terminal)
        number = approve(person, code_of(terminal))
        assert all(row["email"] != person.email for row in rows_of(house))
        terminal.sendline("")
        terminal.expect_exact("Number: ")
        terminal.sendline(number)
        assert '"local_user":"antara-carol"' in ended(terminal) and terminal.exitstatus == 0
    made = [row for row in rows_of(house) if row["email"] == person.email]
    assert [row["by_himself"] for row in made] == [True]
    assert set(made[0]["services"]) == {"demo", "sshd"}
    for address in (earlier.email, person.email):
        letter = house.letter(address)
        assert "antara-carol @ web01" in letter.text and "demo" in letter.text and person.email not in letter.text
    assert "link-changed" in house.log


def test_a_link_of_a_user_who_is_gone_is_told(house: House, tmp_path: pathlib.Path) -> None:
    """Links go by name, so whoever gets the name next would have it."""
    leaver = Person(house, "leaver@example.org")
    leaver.sign_in()

    def exists() -> list[bool]:
        return [row["user_exists"] for row in rows_of(house) if row["local_user"] == "antara-leaver"]

    with accounts(tmp_path, {"passwd": "antara-leaver:x:4304:4304::/tmp:/bin/bash"}):
        house.ctl("link", "add", "antara-leaver", "--email", leaver.email)
        assert exists() == [True]
    with names_from(tmp_path, "files"):
        assert exists() == [False]
    with names_from(tmp_path, "files sss"):  # no sssd runs here: it may know her
        assert exists() == [True]
    house.ctl("link", "remove", "antara-leaver")
    assert exists() == []


def test_b8_another_ones_approval_links_nobody(house: House, person: Person) -> None:
    """Who saw the code approves it first, with an account of his own: there is no number on the page of the person at the terminal."""
    mallory = Person(house, "mallory@example.org")
    mallory.sign_in()
    person.sign_in()
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as terminal:
        give_password(terminal)
        code = code_of(terminal)
        page = look(person, code)
        number = approve(mallory, code)
        assert person.submit(page, button="approve").status_code == 400  # a race of two: one wins
        terminal.sendline("00" if number != "00" else "01")
        assert "the number was wrong" in ended(terminal) and terminal.exitstatus == 1
    assert all(row["email"] not in (person.email, mallory.email) for row in rows_of(house))


def test_b8_declined_on_the_page(house: House, person: Person) -> None:
    person.sign_in()
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as terminal:
        give_password(terminal)
        assert "Nothing was linked" in person.submit(look(person, code_of(terminal)), button="decline").text
        terminal.sendline("")
        assert "declined" in ended(terminal) and terminal.exitstatus == 1


def test_b8_the_page_wants_a_sign_in_and_comes_back_to_the_code(house: House, person: Person) -> None:
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as terminal:
        give_password(terminal)
        code = code_of(terminal)
        page = person.sign_in(look(person, code))
        assert page.url.endswith(f"/D/{code}")
        assert "antara-carol @ web01" in person.submit(page, user_code=code).text


def test_b8_a_code_dies_with_the_terminal_that_showed_it(house: House, person: Person) -> None:
    person.sign_in()
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as terminal:
        give_password(terminal)
        code = code_of(terminal)
        page = look(person, code)
    wait_until(lambda: "is not known here" in look(person, code).text)
    assert "is not known here" in person.submit(page, button="approve").text


def test_b8_a_second_request_of_the_same_user_ends_the_first(house: House, person: Person) -> None:
    person.sign_in()
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as first, antaractl(house, CAROL, "link", "add", "--service", "demo") as second:
        give_password(first)
        old = code_of(first)
        give_password(second)
        new = code_of(second)
        wait_until(lambda: "is not known here" in look(person, old).text)
        assert "antara-carol @ web01" in look(person, new).text
        first.sendline("00")
        assert "There is no such request of yours" in ended(first)


def test_b8_another_connection_finishes_nothing(house: House) -> None:
    """Not even one of the same user, or of root."""
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as terminal:
        give_password(terminal)
        code_of(terminal)
        call = ["busctl", f"--address={house.address}", "call", "org.antara1", "/org/antara1", "org.antara1.Link", "Finish", "sss", "", "A" * 22, "00"]
        for uid in (CAROL, 0):
            done = subprocess.run(call, user=uid, group=uid, capture_output=True, text=True, check=False)
            assert done.returncode == 1 and "There is no such request of yours" in done.stderr


@pytest.mark.parametrize("service", ["sudo", "sudo-i", "su", "su-l", "polkit-1", "doas"])
def test_b8_nobody_gives_himself_more_than_he_has(house: House, service: str) -> None:
    with antaractl(house, CAROL, "link", "add", "--service", "demo", "--service", service) as terminal:
        give_password(terminal)
        assert "Only an administrator links that" in ended(terminal) and terminal.exitstatus == 1


def test_b8_a_member_of_sudo_is_linked_by_an_administrator(house: House) -> None:
    with antaractl(house, ADMIN, "link", "add") as terminal:
        give_password(terminal)
        assert "Only an administrator links that" in ended(terminal) and terminal.exitstatus == 1


def test_b8_root_is_linked_by_name(house: House) -> None:
    done = house.ctl("link", "add", check=False)
    assert done.returncode == 1 and "Only an administrator links that" in done.stderr


def test_b8_who_does_not_know_the_password_asks_for_nothing(house: House) -> None:
    with antaractl(house, CAROL, "link", "add") as terminal:
        give_password(terminal, "wrong")
        assert "Your own Unix password was asked for, and not given" in ended(terminal) and terminal.exitstatus == 1


def test_b8_who_has_no_password_is_sent_to_an_administrator(house: House) -> None:
    with antaractl(house, LOCKED, "link", "add") as terminal:
        give_password(terminal, "")
        assert "is linked by an administrator: antaractl link add USER --email EMAIL" in ended(terminal) and terminal.exitstatus == 1


@pytest.mark.parametrize("words", [("add",), ("list", "--own"), ("remove", "--own")])
def test_b1_without_a_terminal_nothing_is_asked_told_or_changed(house: House, words: tuple[str, ...]) -> None:
    done = house.ctl("link", *words, user=NAMES[CAROL], check=False)
    assert done.returncode == 1 and "is linked by an administrator" in done.stderr and done.stdout == ""


def test_b8_own_links_are_listed_without_addresses_and_removed(house: House, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "antara-carol", "--email", "earlier@example.org")
    with antaractl(house, CAROL, "link", "add", "--service", "demo") as terminal:
        give_password(terminal)
        terminal.sendline(approve(person, code_of(terminal)))
        link = json.loads(ended(terminal).splitlines()[-1])["id"]
    with antaractl(house, CAROL, "link", "list", "--own") as terminal:
        give_password(terminal)
        screen = ended(terminal)
        assert link in screen and "@" not in screen
    with antaractl(house, CAROL, "link", "remove", "--own", "--id", link) as terminal:
        give_password(terminal)
        assert ended(terminal) and terminal.exitstatus == 0
    assert all(row["id"] != link for row in rows_of(house))
    assert any(row["email"] == "earlier@example.org" for row in rows_of(house))
