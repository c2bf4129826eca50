# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind the module's name in a service file, what its locale is, and the phase in which it has no part."""

import os
import pathlib

import pytest
from conftest import MODULE, PROMPT, Prompts, ended
from house import House, Person
from talks import talk

BLOCKS = set("█▀▄")
SERVICE = """auth required {module} timeout=8 {words}
account required {module}
password required {module}
session required pam_exec.so stdout /usr/bin/env
"""
OPTIONS = {"demo": "", "numbered": "slug", "brief": "qr=off", "coded": "qr=sideways colour=red timeout=0 qr=off"}


@pytest.fixture(scope="module")
def optioned(house: House, tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    """Services that differ in the options alone."""
    folder = tmp_path_factory.mktemp("options")
    for service, words in OPTIONS.items():
        (folder / service).write_text(SERVICE.format(module=MODULE, words=words))
    return Prompts(house, folder)


def session(prompts: Prompts, person: Person, service: str) -> str:
    """The environment that a session begins with."""
    prompt = prompts.ask(service, "nobody", "authenticate", "open_session")
    page = prompts.decide(person, prompts.code(prompt))
    prompt.sendline(prompts.number(page) if service == "numbered" else "")
    text = ended(prompt)
    assert prompt.exitstatus == 0, text
    return text


def test_the_session_knows_its_event_and_the_slug_only_if_it_is_asked_for(optioned: Prompts, linked: Person) -> None:
    without, with_slug = session(optioned, linked, "demo"), session(optioned, linked, "numbered")
    for text in (without, with_slug):
        assert "ANTARA_AUTH_METHOD=" in text and "ANTARA_EVENT=" in text
    assert "ANTARA_SLUG" not in without
    assert "ANTARA_SLUG=" in with_slug


def info(prompts: Prompts, service: str = "demo", locale: str = "C.UTF-8") -> str:
    """What is told at a terminal before the prompt."""
    calls = talk(prompts, "typed", 1, service, ANTARA_TEST_TTY="/dev/pts/3", LC_ALL=locale)["calls"]
    text = str(calls[0][0][1])
    assert f"Open  {prompts.house.issuer}/d" in text and "Code  " in text
    return text


def test_the_text_begins_with_a_newline_and_the_code_stands_above_the_drawing(optioned: Prompts) -> None:
    """The ssh client puts "(alice@host) " before the first line."""
    text = info(optioned)
    assert text.startswith("\nAntara: sign in user0 on web01")
    assert text.index("Code  ") < min(text.index(sign) for sign in BLOCKS & set(text))


def test_qr_off_draws_nothing(optioned: Prompts) -> None:
    assert BLOCKS & set(info(optioned)) and not BLOCKS & set(info(optioned, "brief"))


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_where_the_locale_has_no_utf_8_nothing_unreadable_is_shown(optioned: Prompts, locale: str) -> None:
    text = info(optioned, locale=locale)
    assert text.isascii() and text.startswith("\n")
    assert not [sign for sign in text if sign < " " and sign != "\n"]


def test_an_option_that_nobody_knows_is_logged_and_passed_over(optioned: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PAM_WRAPPER_DEBUGLEVEL", "1")  # what goes to syslog is on standard error
    prompt = optioned.ask("coded")
    prompt.expect_exact("One-time code: ")
    said = str(prompt.before)
    prompt.close(force=True)
    for option in ("qr=sideways", "colour=red", "timeout=0"):
        assert f"option passed over: {option}" in said
    assert said.count("option passed over") == 3


def test_p10_a_password_is_not_changed_and_nothing_is_asked(optioned: Prompts, linked: Person) -> None:
    prompt = optioned.ask("demo", "nobody", "chauthtok")
    text = ended(prompt)
    assert prompt.exitstatus == 1 and "success" not in text, text
    assert PROMPT not in text and "Code" not in text and "assword:" not in text
