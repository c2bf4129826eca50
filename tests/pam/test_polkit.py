# SPDX-License-Identifier: GPL-3.0-or-later
"""The real polkit: polkitd asks, its agent on a terminal shows what its setuid helper is told by the module."""

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator

import pexpect
import pytest
from conftest import MODULE, Prompts, bent, ended
from house import House, Person
from real_host import USER, house_of_service

STACK = f"auth required {MODULE}\naccount required {MODULE}\n"
ACTION = "org.antara1.link-own"  # wants the caller himself, wherever he sits
LINE_CHARS = 80
AUTHORIZED, NOT_AUTHORIZED = 0, 1


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_of_service(bus, tmp_path_factory, "polkit-1", STACK) as running:
        yield running


@pytest.fixture
def prompts(house: House) -> Prompts:
    return Prompts(house, pathlib.Path("/"))


@pytest.fixture
def alice(house: House, person: Person) -> Person:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "polkit-1")
    return person


@contextlib.contextmanager
def pkcheck() -> Iterator["pexpect.spawn[str]"]:
    """Asks polkitd whether the user may; who is shown the question is the agent in pkcheck itself."""
    words = f"exec pkcheck --action-id {ACTION} --process $$ --allow-user-interaction --enable-internal-agent"
    command = ["--reuid", USER, "--regid", USER, "--clear-groups", "--", "sh", "-c", words]
    terminal = pexpect.spawn("setpriv", command, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=30, encoding="utf-8", dimensions=(60, 200))
    try:
        yield terminal
    finally:
        terminal.close(force=True)


def code_of(terminal: "pexpect.spawn[str]") -> str:
    """What the agent shows of the module's own is one line; gives its code."""
    terminal.expect_exact(f"Authenticating as: {USER}\r\n")
    terminal.expect(r"(Approve (\w{4}-\w{4}) at \S+/d, then [^\r\n]*: )")
    assert terminal.match and terminal.before == ""
    assert len(terminal.match[1]) <= LINE_CHARS
    return str(terminal.match[2])


def test_polkit_grants_what_the_page_approves(prompts: Prompts, alice: Person) -> None:
    with pkcheck() as terminal:
        assert "Approved" in prompts.decide(alice, code_of(terminal))
        terminal.sendline("")
        assert "AUTHENTICATION COMPLETE" in ended(terminal) and terminal.exitstatus == AUTHORIZED


def test_polkit_denies_what_the_page_declines(prompts: Prompts, alice: Person) -> None:
    with pkcheck() as terminal:
        prompts.decide(alice, code_of(terminal), button="decline")
        terminal.sendline("")
        screen = ended(terminal)
        assert re.search(r"^Error: Not approved\. Event \w{4}-\w\w\r?$", screen, re.MULTILINE), screen
        assert "AUTHENTICATION FAILED" in screen and terminal.exitstatus == NOT_AUTHORIZED


def test_p2_polkit_denies_what_another_account_approves(house: House, prompts: Prompts, alice: Person) -> None:
    other = Person(house, "other." + alice.email)
    other.sign_in()
    with pkcheck() as terminal:
        page = prompts.decide(other, code_of(terminal))
        terminal.sendline("")
        terminal.expect_exact("Type the number that the page shows: ")
        terminal.sendline(prompts.number(page))
        assert "AUTHENTICATION FAILED" in ended(terminal) and terminal.exitstatus == NOT_AUTHORIZED


@pytest.mark.parametrize("right", [True, False])
def test_polkit_grants_by_a_one_time_code_and_by_no_wrong_one(prompts: Prompts, alice: Person, right: bool) -> None:
    code = prompts.one_time(alice)
    with pkcheck() as terminal:
        code_of(terminal)
        terminal.sendline(code if right else bent(code))
        assert ("AUTHENTICATION COMPLETE" in ended(terminal)) == right
        assert terminal.exitstatus == (AUTHORIZED if right else NOT_AUTHORIZED)
