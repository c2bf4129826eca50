# SPDX-License-Identifier: GPL-3.0-or-later
"""The real login of a console, as getty calls it: root's own, on a terminal, with a shell behind it."""

import contextlib
import os
import pathlib
from collections.abc import Iterator

import pexpect
import pytest
from conftest import MODULE, PROMPT, WRONG, Prompts, bent
from house import House, Person
from real_host import USER, house_of_service

STACK = f"auth required {MODULE}\naccount required {MODULE}\nsession required pam_permit.so\n"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_of_service(bus, tmp_path_factory, "login", STACK) as running:
        yield running


@pytest.fixture
def prompts(house: House) -> Prompts:
    return Prompts(house, pathlib.Path("/"))


@pytest.fixture
def alice(house: House, person: Person) -> Person:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "login")
    return person


@contextlib.contextmanager
def console() -> Iterator["pexpect.spawn[str]"]:
    terminal = pexpect.spawn("login", [USER], env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=20, encoding="utf-8", dimensions=(60, 200))
    try:
        yield terminal
    finally:
        terminal.close(force=True)


def is_users_shell(terminal: "pexpect.spawn[str]") -> bool:
    """Asks it who it is, in words that the echo of the question doesn't have."""
    terminal.sendline('echo "shell of <$(id -un)>"; exit')
    terminal.expect(r"shell of <([\w-]+)>")
    assert terminal.match
    return str(terminal.match.group(1)) == USER


def test_login_by_the_page_and_enter(prompts: Prompts, alice: Person) -> None:
    with console() as terminal:
        page = prompts.decide(alice, prompts.code(terminal))
        assert "Approved" in page
        terminal.sendline("")
        assert is_users_shell(terminal)


def test_login_by_a_one_time_code_and_by_no_wrong_one(prompts: Prompts, alice: Person) -> None:
    code = prompts.one_time(alice)
    with console() as terminal:
        terminal.expect_exact(PROMPT)
        terminal.sendline(bent(code))
        terminal.expect_exact(WRONG)
        terminal.expect_exact("Login incorrect")
        terminal.expect_exact("login: ")  # it starts again
        terminal.sendline(USER)
        terminal.expect_exact(PROMPT)
        terminal.sendline(code)
        assert is_users_shell(terminal)


def test_login_of_another_account_is_refused(prompts: Prompts, alice: Person, house: House) -> None:
    other = Person(house, "other." + alice.email)
    other.sign_in()
    house.ctl("link", "add", "daemon", "--email", other.email, "--service", "login")
    with console() as terminal:
        terminal.expect_exact(PROMPT)
        terminal.sendline(prompts.one_time(other))
        terminal.expect_exact(WRONG)
        terminal.expect_exact("Login incorrect")
