# SPDX-License-Identifier: GPL-3.0-or-later
"""The real sudo and su: setuid programs, which believe nothing of their environment."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
from collections.abc import Iterator

import pexpect
import pytest
from conftest import MODULE, PROMPT, Prompts, ended
from house import House, Person, new_house
from real_host import USER, accounts, bound, services, system_bus

SERVICES = "[service antara-sudo]\n\n[service su]\n\n[service sudo]"
STACK = f"auth required {MODULE}\naccount required {MODULE}\nsession required pam_permit.so\n"
SUDOERS = f"Defaults pam_service=antara-sudo\nDefaults timestamp_timeout=0\n{USER} ALL=(ALL:ALL) ALL\n"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with accounts(tmp_path_factory.mktemp("accounts")):
        with new_house(tmp_path_factory.mktemp("house"), bus, services=SERVICES) as running:
            yield running


@pytest.fixture(scope="module", autouse=True)
def host(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("sudo")
    sudoers = folder / "sudoers"
    sudoers.write_text(SUDOERS)
    sudoers.chmod(0o440)
    with services(folder, dict.fromkeys(("antara-sudo", "sudo-i", "su", "su-l"), STACK)), bound(sudoers, pathlib.Path("/etc/sudoers")), system_bus(house):
        yield


@pytest.fixture
def alice(house: House, person: Person) -> Person:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "antara-sudo")
    return person


def as_user(*words: str, **environment: str) -> "pexpect.spawn[str]":
    """As the user, with a terminal."""
    command = ["--reuid", USER, "--regid", USER, "--clear-groups", "--", *words]
    return pexpect.spawn("setpriv", command, env={**os.environ, "LC_ALL": "C.UTF-8", **environment}, timeout=30, encoding="utf-8", dimensions=(60, 200))


def code_for(house: House, person: Person) -> str:
    return Prompts(house, pathlib.Path("/")).one_time(person)


def test_sudo_by_one_time_code(house: House, alice: Person) -> None:
    prompt = as_user("sudo", "id", "-un")
    prompt.expect("[Pp]assword.*: ")
    assert "Code" not in str(prompt.before)
    prompt.sendline(code_for(house, alice))
    assert "root" in ended(prompt) and prompt.exitstatus == 0


def test_sudo_by_the_page_after_enter(house: House, alice: Person) -> None:
    prompts = Prompts(house, pathlib.Path("/"))
    prompt = as_user("sudo", "id", "-un")
    prompt.expect("[Pp]assword.*: ")
    prompt.sendline("")
    page = prompts.decide(alice, prompts.code(prompt))
    prompt.sendline("")
    assert "Approved" in page or "number" in page
    assert "root" in ended(prompt) and prompt.exitstatus == 0


def test_sudo_from_a_script_by_one_time_code(house: House, alice: Person) -> None:
    command = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--", "sudo", "-S", "-p", "", "id", "-un"]
    done = subprocess.run(command, input=code_for(house, alice) + "\n", capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "root"


def test_sudo_by_a_program_that_asks_takes_a_one_time_code(house: House, alice: Person) -> None:
    """sudo -A: the program is run once, as the user, and is told of a password alone."""
    with tempfile.TemporaryDirectory() as folder:  # where the user may look
        program = pathlib.Path(folder) / "askpass"
        program.write_text(f'#!/bin/sh\necho "asked: $1" >&2\necho {code_for(house, alice)}\n')
        for path in (program.parent, program):
            path.chmod(0o755)
        command = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--", "sudo", "-A", "id", "-un"]
        environment = {**os.environ, "SUDO_ASKPASS": str(program)}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30, start_new_session=True, check=False
        )
    assert done.returncode == 0 and done.stdout.strip() == "root", done
    assert re.fullmatch(r"asked: .*[Pp]assword.*: \n", done.stderr), done


def test_a_prompt_of_ones_own_hides_the_page(house: House, alice: Person) -> None:
    """sudo shows what -p says instead of each prompt of PAM; so it takes one-time codes, and Enter tells nothing."""
    prompt = as_user("sudo", "-p", "mine: ", "id", "-un")
    for typed in ("", code_for(house, alice)):
        prompt.expect_exact("mine: ")
        assert "Code" not in str(prompt.before)
        prompt.sendline(typed)
    assert "root" in ended(prompt) and prompt.exitstatus == 0


def test_sudo_by_a_wrong_code_is_refused(house: House, alice: Person) -> None:
    code = code_for(house, alice)
    wrong = ("C" if code[0] == "B" else "B") + code[1:]
    command = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--", "sudo", "-S", "-p", "", "id", "-un"]
    done = subprocess.run(command, input=wrong + "\n", capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0 and "root" not in done.stdout


def test_p8_sudo_believes_no_bus_of_its_environment(house: House, alice: Person, tmp_path: pathlib.Path) -> None:
    prompt = as_user("sudo", "id", "-un", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={tmp_path}/nowhere")
    prompt.expect("[Pp]assword.*: ")
    prompt.sendline(code_for(house, alice))
    assert "root" in ended(prompt) and prompt.exitstatus == 0


def refused_on_the_bus(house: House, prompt: "pexpect.spawn[str]", user: str) -> bool:
    """That user's own processes find it, and can't approve it."""
    (row,) = [row for row in json.loads(house.ctl("approval", "list", user=user).stdout) if not row["approved"]]
    answer = house.ctl("approval", "approve", row["id"], user=user, check=False)
    house.ctl("approval", "deny", row["id"], user=user)
    prompt.sendline("")
    prompt.expect(["[Pp]assword", "Not approved", pexpect.EOF])
    prompt.close(force=True)
    return not row["approvable"] and answer.returncode == 1 and "more than you have" in answer.stderr


def test_b8_what_runs_as_a_user_approves_none_of_his_sudo_under_whatever_name(house: House, alice: Person) -> None:
    """The service is called as its administrator likes, and the user is in no group that tells."""
    prompt = as_user("sudo", "id", "-un")
    prompt.expect("[Pp]assword.*: ")
    assert refused_on_the_bus(house, prompt, USER)


def test_b8_nor_the_su_to_himself_of_somebody_else(house: House, alice: Person) -> None:
    house.ctl("link", "add", USER, "--email", alice.email, "--service", "su")
    words = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", "su", USER, "-c", "id -un"]
    prompt = pexpect.spawn("setpriv", words, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=30, encoding="utf-8", dimensions=(60, 200))
    Prompts(house, pathlib.Path("/")).code(prompt)
    assert refused_on_the_bus(house, prompt, USER)


def test_su_without_a_terminal_takes_a_one_time_code(house: House, person: Person) -> None:
    """As scripts call it."""
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "su")
    command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--", "su", USER, "-c", "id -un"]
    code = code_for(house, person)
    done = subprocess.run(command, input=code + "\n", capture_output=True, text=True, timeout=30, check=True, start_new_session=True)
    assert done.stdout.strip() == USER and done.stderr.strip() == "Password:"


def test_su_asks_for_the_user_that_is_wanted(house: House, alice: Person) -> None:
    """The link of the target counts; who asks is told on the page."""
    house.ctl("link", "add", USER, "--email", alice.email, "--service", "su")
    prompts = Prompts(house, pathlib.Path("/"))
    prompt = pexpect.spawn(
        "setpriv",
        ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", "su", USER, "-c", "id -un"],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=30,
        encoding="utf-8",
        dimensions=(60, 200),
    )
    code = prompts.code(prompt)
    page = alice.submit(alice.get("/d"), user_code=code)
    assert "nobody" in page.text and USER in page.text
    alice.submit(page, button="approve")
    prompt.sendline("")
    assert USER in ended(prompt) and prompt.exitstatus == 0


def test_a_login_shell_of_su_is_a_service_of_its_own_and_su_to_antara(house: House, person: Person) -> None:
    """PAM reads su-l, the daemon's configuration and the links say su."""
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "su")
    prompts = Prompts(house, pathlib.Path("/"))
    words = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", "su", "-", USER, "-c", "shopt login_shell; id -un"]
    prompt = pexpect.spawn("setpriv", words, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=30, encoding="utf-8", dimensions=(60, 200))
    prompts.decide(person, prompts.code(prompt))
    prompt.sendline("")
    screen = ended(prompt)
    assert re.search(r"login_shell\s+on", screen) and USER in screen.splitlines()[-1] and prompt.exitstatus == 0


def test_a_login_shell_of_sudo_is_a_service_of_its_own_and_sudo_to_antara(house: House, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "sudo")
    prompt = as_user("sudo", "-i", "id", "-un")
    prompt.expect("[Pp]assword.*: ")
    prompt.sendline(code_for(house, person))
    assert "root" in ended(prompt) and prompt.exitstatus == 0
