# SPDX-License-Identifier: GPL-3.0-or-later
"""Real screen lockers before a real X server. Neither is setuid, so the module runs in a process of the person who is away. i3lock reads what is
typed before it asks PAM, and shows no prompt; xsecurelock shows each."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import pexpect
import private_bus
import pytest
from conftest import MODULE, PROMPT, Prompts, bent, ended
from house import House, Person, new_house, wait_until
from real_host import USER, accounts, services, system_bus
from screen import Screen, screen

SERVICES = """[service i3lock]
unprivileged = yes
methods = code

[service vlock]

[service antara-lock]
unprivileged = yes
"""
STACK = "auth required {module}\naccount required {module}\n"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with accounts(tmp_path_factory.mktemp("accounts")):
        with new_house(tmp_path_factory.mktemp("house"), bus, services=SERVICES) as running:
            yield running


@pytest.fixture(scope="module")
def folder() -> Iterator[pathlib.Path]:
    """Where everybody can read it."""
    with tempfile.TemporaryDirectory(prefix="antara-lock-") as made:
        pathlib.Path(made).chmod(0o755)
        yield pathlib.Path(made)


@pytest.fixture(scope="module", autouse=True)
def host(house: House, folder: pathlib.Path) -> Iterator[None]:
    stack = STACK.format(module=shutil.copy(MODULE, folder))
    with services(folder, {"i3lock": stack, "antara-lock": stack, "vlock": stack}), system_bus(house):
        yield


@pytest.fixture(scope="module")
def shown() -> Iterator[Screen]:
    with screen() as running:
        yield running


def linked_at(house: House, person: Person, user: str, service: str) -> Person:
    person.sign_in()
    house.ctl("link", "add", user, "--email", person.email, "--service", service)
    return person


def code_of(house: House, person: Person) -> str:
    return Prompts(house, pathlib.Path("/")).one_time(person)


@contextlib.contextmanager
def locked(shown: Screen, *words: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """As the user, from his session."""
    locker = subprocess.Popen(words, user=USER, group=USER, extra_groups=[], env={**shown.environment(), "HOME": "/tmp", **environment})
    try:
        wait_until(shown.is_locked)
        yield locker
    finally:
        private_bus.stop(locker)


def refusals(house: House) -> int:
    return house.log.count("A sign-in at a prompt was not approved")


def is_refused(house: House, shown: Screen, typed: str) -> bool:
    """The daemon has said no, and the screen stays as it was."""
    before = refusals(house)
    shown.type(typed)
    wait_until(lambda: refusals(house) > before)
    return shown.is_locked()


def test_i3lock_opens_by_ones_own_one_time_code_alone(house: House, shown: Screen, person: Person) -> None:
    alice = linked_at(house, person, USER, "i3lock")
    other = linked_at(house, Person(house, "other." + alice.email), "daemon", "i3lock")
    with locked(shown, "i3lock", "--nofork") as locker:
        code = code_of(house, alice)
        assert is_refused(house, shown, bent(code))
        assert is_refused(house, shown, code_of(house, other))
        assert locker.poll() is None
        shown.type(code)
        assert locker.wait(20) == 0
    assert not shown.is_locked()


def test_i3lock_where_nobody_could_approve_answers_enter_at_once(house: House, shown: Screen) -> None:
    """It shows no code that one could take to the page: `methods = code` spares it the wait."""
    with locked(shown, "i3lock", "--nofork") as locker:
        assert is_refused(house, shown, "")
        assert locker.poll() is None


SPOKEN = re.compile(rb"Approve (\w{4}-\w{4}) at \S+/d, then")


@pytest.fixture
def spoken(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """What xsecurelock's half that asks PAM tells the one that draws, kept beside; and the program that keeps it."""
    copy, keeper = folder / "spoken", folder / "keeper"
    copy.touch()
    copy.chmod(0o666)
    keeper.write_text(f"#!/bin/bash\nset -o pipefail\n/usr/libexec/xsecurelock/authproto_pam | tee -a {copy}\n")
    keeper.chmod(0o755)
    yield copy
    copy.unlink()


def says(spoken: pathlib.Path, words: bytes) -> None:
    wait_until(lambda: words in spoken.read_bytes())


def asked(shown: Screen, spoken: pathlib.Path) -> str:
    """A key brings the dialog; gives the code in it."""
    shown.do("key", "Return")
    wait_until(lambda: SPOKEN.search(spoken.read_bytes()))
    return SPOKEN.findall(spoken.read_bytes())[-1].decode()


def xsecurelock(shown: Screen, folder: pathlib.Path) -> "contextlib.AbstractContextManager[subprocess.Popen[bytes]]":
    names = {"AUTHPROTO": str(folder / "keeper"), "PAM_SERVICE": "antara-lock", "SAVER": "saver_blank", "NO_COMPOSITE": "1"}
    return locked(shown, "xsecurelock", **{f"XSECURELOCK_{name}": value for name, value in names.items()})


def test_xsecurelock_opens_by_the_page_and_its_number(house: House, shown: Screen, folder: pathlib.Path, spoken: pathlib.Path, person: Person) -> None:
    prompts = Prompts(house, pathlib.Path("/"))
    alice = linked_at(house, person, USER, "antara-lock")
    with xsecurelock(shown, folder) as locker:
        number = prompts.number(prompts.decide(alice, asked(shown, spoken)))
        shown.type("")
        says(spoken, b"Type the number that the page shows: ")
        shown.type(number)
        assert locker.wait(20) == 0
    assert not shown.is_locked()


def test_xsecurelock_stays_locked_for_another_account(house: House, shown: Screen, folder: pathlib.Path, spoken: pathlib.Path, person: Person) -> None:
    prompts = Prompts(house, pathlib.Path("/"))
    other = linked_at(house, person, "daemon", "antara-lock")
    with xsecurelock(shown, folder) as locker:
        number = prompts.number(prompts.decide(other, asked(shown, spoken)))
        shown.type("")
        says(spoken, b"Type the number that the page shows: ")
        assert is_refused(house, shown, number)
        assert locker.poll() is None


def test_vlock_locks_a_terminal_through_roots_part(house: House, person: Person) -> None:
    """Its setuid half asks as root, who says which terminal it is; so all the text comes, and the service needs nobody unprivileged."""
    alice = linked_at(house, person, USER, "vlock")
    words = ["--reuid", USER, "--regid", USER, "--clear-groups", "--", "vlock", "--current"]
    prompt = pexpect.spawn(
        "setpriv", words, env={**os.environ, "HOME": "/tmp", "LC_ALL": "C.UTF-8", "USER": USER}, timeout=20, encoding="utf-8", dimensions=(60, 200)
    )
    prompt.expect_exact("Please press [ENTER] to unlock.")
    prompt.sendline("")
    prompt.expect_exact(PROMPT)
    code = code_of(house, alice)
    prompt.sendline(bent(code))
    prompt.expect_exact("sign in root on web01")  # to vlock root may open it too
    prompt.expect_exact(PROMPT)
    prompt.sendline(code)
    prompt.expect_exact("Please press [ENTER] to unlock.")
    prompt.sendline("")
    prompt.expect_exact(PROMPT)
    prompt.sendline(code)
    assert "Not approved" not in ended(prompt) and prompt.exitstatus == 0
