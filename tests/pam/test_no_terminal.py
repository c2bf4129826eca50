# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks without a terminal before him: servers, scripts, display managers. What they can't show is not said."""

import pytest
from conftest import PROMPT, Prompts, ended
from house import House, Person
from talks import talk

PAM_SUCCESS = 0
PAM_AUTH_ERR = 7
ECHO_OFF, ECHO_ON, ERROR, INFO = 1, 2, 3, 4
LINE_CHARS = 80


@pytest.fixture
def alone(house: House, person: Person) -> Person:
    """Somebody whose page has one service, so one button for codes."""
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    return person


def test_a_server_gives_the_password_that_a_client_sent_it(prompts: Prompts, alone: Person) -> None:
    """An IMAP server answers what is hidden by the password, and what is not by the user's name."""
    environment = {"ANTARA_TEST_USER": "nobody", "ANTARA_TEST_TTY": "dovecot"}
    found = talk(prompts, "server", 1, ANTARA_TEST_TYPED=prompts.one_time(alone), **environment)
    assert found["calls"] == [[[ECHO_OFF, "Password: "]]]
    assert found["result"] == PAM_SUCCESS
    again = talk(prompts, "server", 1, ANTARA_TEST_TYPED="my-mail-password", **environment)
    assert again["result"] == PAM_AUTH_ERR


@pytest.mark.parametrize("tty", [None, "", "ftp", "dovecot", "sshd"])
def test_without_a_terminal_the_prompt_is_short(prompts: Prompts, tty: str | None) -> None:
    environment = {} if tty is None else {"ANTARA_TEST_TTY": tty}
    found = talk(prompts, "typed", 1, **environment)
    (first, end) = found["calls"]
    assert first == [[ECHO_OFF, "Password: "]]
    assert end[0][0] == ERROR and end[0][1].startswith("Not approved")


@pytest.mark.parametrize("tty", ["ssh", "/dev/pts/3", "pts/3", "tty1"])
def test_with_a_terminal_it_is_not(prompts: Prompts, tty: str) -> None:
    """sshd says "ssh" while it asks; a script behind its client sees what a person sees."""
    first = talk(prompts, "typed", 1, ANTARA_TEST_TTY=tty)["calls"][0]
    assert [style for style, _ in first] == [INFO, ECHO_ON]
    assert "Code  " in first[0][1] and first[1][1].endswith(PROMPT)


def test_a_terminal_without_a_name_is_one(prompts: Prompts) -> None:
    """pamtester sets no PAM_TTY; what is typed comes from a terminal all the same."""
    prompt = prompts.ask()
    prompts.code(prompt)
    prompt.close(force=True)


def test_enter_at_the_short_prompt_tells_where_to_go(prompts: Prompts) -> None:
    short, whole = talk(prompts, "typed", 1, ANTARA_TEST_TYPED="")["calls"][:2]
    assert short == [[ECHO_OFF, "Password: "]]
    assert [style for style, _ in whole] == [ECHO_ON] and "/d     Code  " in whole[0][1]


def test_where_no_codes_are_taken_the_page_is_told_at_once(prompts: Prompts) -> None:
    first = talk(prompts, "typed", 1, service="paged")["calls"][0]
    assert [style for style, _ in first] == [ECHO_ON] and "Code  " in first[0][1]


def test_p3_the_short_prompt_says_the_same_for_whoever_it_is(prompts: Prompts, alone: Person) -> None:
    ends = set()
    for user in ("nobody", "daemon", "no-such-user"):
        found = talk(prompts, "typed", 1, ANTARA_TEST_USER=user)
        ends.add((str(found["calls"][0]), found["calls"][1][0][1].partition(". Event")[0], found["result"], len(found["calls"])))
    assert len(ends) == 1, ends


@pytest.mark.parametrize(("service", "environment"), [("lightdm", {}), ("demo", {"ANTARA_TEST_TTY": ":0"}), ("lightdm", {"ANTARA_TEST_SILENT": "1"})])
def test_a_display_manager_gets_one_line(prompts: Prompts, service: str, environment: dict[str, str]) -> None:
    calls = talk(prompts, "typed", 1, service=service, **environment)["calls"]
    ((style, line),) = calls[0]
    assert style == ECHO_OFF and line.startswith("Approve ") and "\n" not in line and len(line) <= LINE_CHARS
    assert "/d" in line and "Enter" in line
    if "ANTARA_TEST_SILENT" in environment:
        assert len(calls) == 1
    else:
        ((style, end),) = calls[1]
        assert style == ERROR and end.startswith("Not approved. Event ") and len(end) <= LINE_CHARS


def test_a_display_manager_signs_in_by_the_page(prompts: Prompts, house: House, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "lightdm")
    prompt = prompts.ask("lightdm")
    prompt.expect(r"Approve (\w{4}-\w{4}) at \S+/d, then (press )?Enter.*: ")
    assert prompt.match
    prompts.decide(person, prompt.match[1])
    prompt.sendline("")
    assert "successfully authenticated" in ended(prompt)
