# SPDX-License-Identifier: GPL-3.0-or-later
"""The device conversation at a prompt, with the real module. Names begin with rows of the threat model."""

import os
import re
import signal
import subprocess
import time

import pexpect
import pytest
from conftest import MODULE, PROMPT, WRONG, Prompts, ended
from house import House, Person, wait_until
from prompt import Prompt as BusPrompt
from prompt import connect

PROMPTS_MAX = 33  # of one code
PLACES_OF_USER = 32


def test_p1_approved_by_the_linked_account_is_in(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask("demo", "nobody", "authenticate", "acct_mgmt", "setcred", "open_session", "close_session")
    page = prompts.decide(linked, prompts.code(prompt))
    assert "Approved" in page
    prompt.sendline("")
    text = ended(prompt)
    assert "successfully authenticated" in text and "account management done" in text and prompt.exitstatus == 0


def test_enter_may_come_before_the_approval(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask()
    code = prompts.code(prompt)
    prompt.sendline("")
    prompts.decide(linked, code)
    assert "successfully authenticated" in ended(prompt)


def test_p2_another_account_is_refused(house: House, prompts: Prompts, linked: Person) -> None:
    other = Person(house, "other." + linked.email)
    other.sign_in()
    prompt = prompts.ask()
    prompt.sendline(prompts.number(prompts.decide(other, prompts.code(prompt))))
    text = ended(prompt)
    assert WRONG in text and prompt.exitstatus == 1
    found = re.search(r"Event (\w{4}-\w{2})", text)
    assert found and house.ctl("explain", found[1], as_json=False).returncode == 0


def test_p2_a_service_that_was_disabled_meanwhile_is_refused(house: House, prompts: Prompts, linked: Person) -> None:
    house.ctl("service", "enable", "disabled", "--no-pam-file")
    house.ctl("link", "add", "nobody", "--email", linked.email)
    prompt = prompts.ask("disabled")
    code = prompts.code(prompt)
    house.ctl("service", "disable", "disabled", "--no-pam-file")
    prompts.decide(linked, code)
    prompt.sendline("")
    assert "successfully" not in ended(prompt) and prompt.exitstatus == 1


def test_p6_what_a_caller_says_of_himself_reaches_no_terminal_raw(prompts: Prompts) -> None:
    words = ["-I", "rhost=\x1b]0;owned\x07\x9b31m\u202e", "-I", "tty=\x1b[2J", "demo", "nobody", "authenticate"]
    prompt = pexpect.spawn("pamtester", words, env=prompts.environment(), timeout=20, encoding="utf-8", dimensions=(60, 200))
    prompts.code(prompt)
    screen = str(prompt.before)
    prompt.close(force=True)
    assert "owned" in screen
    for raw in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e"):
        assert raw not in screen


def test_a_user_without_a_link_is_refused(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask("demo", "daemon")
    prompt.sendline(prompts.number(prompts.decide(linked, prompts.code(prompt))))
    text = ended(prompt)
    assert WRONG in text and prompt.exitstatus == 1


def test_who_presses_enter_for_ever_is_refused_and_nobody_is_away(house: House, prompts: Prompts, linked: Person) -> None:
    other = Person(house, "enters." + linked.email)
    other.sign_in()
    prompt = prompts.ask()
    prompts.decide(other, prompts.code(prompt))
    for _ in range(PROMPTS_MAX):
        prompt.sendline("")
    text = ended(prompt)
    assert "Authentication failure" in text and "retrieve" not in text


def test_nor_is_it_when_the_time_is_over(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask("brief")
    prompts.code(prompt)
    prompt.sendline("")
    text = ended(prompt)
    assert "Authentication failure" in text and "retrieve" not in text


def test_nor_when_too_many_stand_at_the_name(house: House, prompts: Prompts) -> None:
    prompt = prompts.ask()
    prompts.code(prompt)
    bus = connect(house)
    for _ in range(PLACES_OF_USER):
        BusPrompt(house, "demo", "nobody", bus)
    prompt.sendline("")
    text = ended(prompt)
    assert "Authentication failure" in text and "retrieve" not in text


def test_declined_is_refused(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask()
    prompts.decide(linked, prompts.code(prompt), button="decline")
    prompt.sendline("")
    assert "declined on the page" in ended(prompt) and prompt.exitstatus == 1


def test_p11_the_number_must_be_typed_once(prompts: Prompts, linked: Person) -> None:
    for right in (True, False):
        prompt = prompts.ask("numbered")
        page = prompts.decide(linked, prompts.code(prompt))
        found = re.search(r">\s*(\d\d)\s*<", page)
        assert found, page
        prompt.sendline(found[1] if right else f"{(int(found[1]) + 1) % 100:02d}")
        text = ended(prompt)
        assert ("successfully authenticated" in text) == right
        assert right or WRONG in text


def test_uid_0_wants_a_sign_in_made_while_the_prompt_waits(house: House, prompts: Prompts, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "root", "--email", person.email, "--service", "demo")
    early = prompts.one_time(person)
    refused = prompts.ask("demo", "root")
    refused.expect_exact(PROMPT)
    refused.sendline(early)
    assert WRONG in ended(refused)

    prompt = prompts.ask("demo", "root")
    code = prompts.code(prompt)
    form = person.submit(person.get("/d"), user_code=code)
    assert "signs in anew" in form.text
    page = person.submit(person.submit(person.sign_in(form)), button="approve")
    number = re.search(r">\s*(\d\d)\s*<", page.text)
    assert number, page.text
    prompt.sendline(number[1])
    assert "successfully authenticated" in ended(prompt)


def test_p11_enter_is_not_enough_where_a_number_is_wanted(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask("numbered")
    prompts.decide(linked, prompts.code(prompt))
    prompt.sendline("")
    prompt.expect_exact("Type the number that the page shows")
    prompt.sendline("")
    prompt.expect_exact("Type the number that the page shows")
    prompt.close(force=True)


def test_what_is_typed_before_the_approval_is_wrong(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask()
    code = prompts.code(prompt)
    prompt.sendline("12")
    assert "successfully" not in ended(prompt)
    assert "not known here" in linked.submit(linked.get("/d"), user_code=code).text


def test_a_service_that_is_not_enabled_is_ignored(prompts: Prompts) -> None:
    prompt = prompts.ask("disabled")
    text = ended(prompt)
    assert "Code" not in text and prompt.exitstatus == 1


def test_it_ends_in_time(prompts: Prompts) -> None:
    begun = time.monotonic()
    prompt = prompts.ask("brief")
    prompts.code(prompt)
    prompt.sendline("")
    text = ended(prompt)
    assert "successfully" not in text and time.monotonic() - begun < 8


def test_p9_a_cancelled_prompt_leaves_a_dead_code(prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask()
    code = prompts.code(prompt)
    prompt.kill(signal.SIGKILL)
    prompt.close(force=True)
    wait_until(lambda: "not known here" in linked.submit(linked.get("/d"), user_code=code).text)


def test_p4_a_stopped_daemon_is_unavailable(house: House, prompts: Prompts) -> None:
    house.stop()
    try:
        begun = time.monotonic()
        text = ended(prompts.ask())
        assert "cannot retrieve authentication info" in text and time.monotonic() - begun < 8
    finally:
        house.start()


def test_p4_a_hung_daemon_is_unavailable_within_the_timeout(house: House, prompts: Prompts) -> None:
    assert house.antarad
    house.antarad.send_signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        text = ended(prompts.ask())
        assert "cannot retrieve authentication info" in text and time.monotonic() - begun < 12
    finally:
        house.antarad.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("service", ["cron", "atd", "systemd-user"])
def test_what_works_while_nobody_is_there_waits_for_no_daemon(house: House, prompts: Prompts, service: str) -> None:
    lines = [f"{phase} {control}" for phase in ("auth", "account") for control in (f"required {MODULE}", "required pam_permit.so")]
    (prompts.folder / service).write_text("\n".join(lines) + "\n")
    assert house.antarad
    house.antarad.send_signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        text = ended(prompts.ask(service, "nobody", "authenticate", "acct_mgmt"))
        assert "successfully authenticated" in text and time.monotonic() - begun < 3
    finally:
        house.antarad.send_signal(signal.SIGCONT)


def test_p4_a_daemon_that_restarts_in_the_middle_is_unavailable(house: House, prompts: Prompts) -> None:
    prompt = prompts.ask()
    prompts.code(prompt)
    house.kill()
    house.start()
    prompt.sendline("")
    assert "cannot retrieve authentication info" in ended(prompt)


def test_p5_an_unprivileged_caller_is_refused(house: House) -> None:
    words = ["busctl", f"--address={house.address}", "call", "org.antara1", "/org/antara1", "org.antara1.Pam", "Open", "ssa{sv}", "demo", "nobody", "0"]
    answer = subprocess.run(words, user="nobody", capture_output=True, text=True, check=False)
    assert answer.returncode == 1 and "may not" in answer.stderr


def test_p10_the_account_phase_refuses_who_has_no_link(prompts: Prompts, linked: Person) -> None:
    assert "account management done" in ended(prompts.ask("demo", "nobody", "acct_mgmt"))
    assert "expired" in ended(prompts.ask("demo", "daemon", "acct_mgmt"))


def test_the_module_exports_its_six_functions_and_links_little() -> None:
    from conftest import MODULE

    symbols = subprocess.run(["nm", "-D", "--defined-only", str(MODULE)], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in symbols.splitlines()}
    assert names == {f"pam_sm_{name}" for name in ("authenticate", "setcred", "acct_mgmt", "open_session", "close_session", "chauthtok")}
    needed = subprocess.run(["objdump", "-p", str(MODULE)], capture_output=True, text=True, check=True).stdout
    libraries = set(re.findall(r"NEEDED\s+(\S+)", needed))
    assert libraries <= {"libpam.so.0", "libsystemd.so.0", "libc.so.6"}, os.linesep.join(libraries)


def test_a_prompt_that_nobody_answers_can_be_left(prompts: Prompts) -> None:
    prompt = prompts.ask()
    prompts.code(prompt)
    prompt.sendeof()
    prompt.expect(pexpect.EOF)
