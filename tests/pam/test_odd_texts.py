# SPDX-License-Identifier: GPL-3.0-or-later
"""Row B7 of the threat model: whatever a program says of its user and terminal, nothing of it reaches a screen or log as it is."""

import html
import re
import unicodedata
from typing import Any

import pytest
from conftest import Prompts, bent, ended
from house import House, Person
from talks import account, sit_down, talk

PAM_SUCCESS, PAM_AUTH_ERR, PAM_ACCT_EXPIRED = 0, 7, 13
HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\nForged\x7f\x9b31m\u202egnp\u2066\u2028"
ITEMS = ("USER", "TTY", "RHOST", "RUSER")
SHAPES = {"terminal": "/dev/pts/3", "prompt": "", "line": ":0"}
NO_TEXT = "a\udcff\udcc3("  # bytes that aren't UTF-8, as the environment holds them


def saying(words: str, tty: str = "") -> dict[str, str]:
    return {f"ANTARA_TEST_{item}": f"{tty if item == 'TTY' else item}{words}" for item in ITEMS}


def raw(text: str) -> set[str]:
    """What a terminal would obey, or show otherwise than it stands there."""
    return {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") and letter != "\n"}


def without_chance(calls: list[Any]) -> list[tuple[int, int]]:
    """Styles, and how many lines each text has."""
    return [(style, text.count("\n")) for call in calls for style, text in call]


@pytest.mark.parametrize("shape", SHAPES)
def test_b7_the_prompt_shows_what_it_was_told_escaped_and_in_no_more_lines(prompts: Prompts, shape: str) -> None:
    typed = {"ANTARA_TEST_TYPED": ""} if shape == "prompt" else {}  # Enter shows the rest of it
    plain = talk(prompts, "typed", 1, "brief", **saying("", SHAPES[shape]), **typed)
    odd = talk(prompts, "typed", 1, "brief", **saying(HOSTILE, SHAPES[shape]), **typed)
    shown = "".join(text for call in odd["calls"] for _, text in call)
    assert raw(shown) == set()
    assert without_chance(odd["calls"]) == without_chance(plain["calls"])
    assert ("USER\\x1b]0;owned\\x07" in shown and "from RHOST\\x1b]" in shown) == (shape != "line")


def test_b7_neither_lists_nor_page_nor_explanation_nor_log_shows_it_raw(house: House, prompts: Prompts, person: Person) -> None:
    person.sign_in()
    begun = len(house.log)
    terminal = sit_down(prompts, user=f"USER{HOSTILE}", **{f"ANTARA_TEST_{item}": f"{item}{HOSTILE}" for item in ("RHOST", "RUSER")})
    code = prompts.code(terminal)
    listed = house.ctl("approval", "list", as_json=False).stdout
    page = html.unescape(person.submit(person.get("/d"), user_code=code).text)
    prompts.decide(person, code, "decline")
    terminal.sendline("")
    event = re.search(r"Event (\w{4}-\w\w)", ended(terminal))
    assert event
    explained = house.ctl("explain", event[1], as_json=False).stdout
    for where, words in (("listed", listed), ("page", page), ("explained", explained)):
        assert raw(words) == set() and "USER\\x1b]0;owned\\x07" in words, where
    assert "RHOST\\x1b]" in listed and "RUSER\\x1b]" in page and "RHOST\\x1b]" in page
    log = house.log[begun:]
    assert event[1] in log and raw(log) == set() and "\nForged" not in log


@pytest.mark.parametrize("item", ["TTY", "RHOST", "RUSER"])
def test_b7_bytes_that_are_no_text_stop_no_sign_in(house: House, prompts: Prompts, person: Person, item: str) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    environment = {"ANTARA_TEST_USER": "nobody", "ANTARA_TEST_TTY": "/dev/pts/3", f"ANTARA_TEST_{item}": NO_TEXT}
    found = talk(prompts, "typed", 1, ANTARA_TEST_TYPED=prompts.one_time(person), **environment)
    assert found["result"] == PAM_SUCCESS


@pytest.mark.parametrize("name", [NO_TEXT, "a\ufdd0", "a\U0010ffff", "x" * 300], ids=["no-text", "fdd0", "10ffff", "long"])
def test_p3_a_name_that_nobody_can_have_is_a_strangers(house: House, prompts: Prompts, person: Person, name: str) -> None:
    """Not the daemon's absence, which would open the ways in that are meant for it."""
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    wrong = bent(prompts.one_time(person))
    ends = [talk(prompts, "typed", 1, ANTARA_TEST_USER=user, ANTARA_TEST_TTY="/dev/pts/3", ANTARA_TEST_TYPED=wrong) for user in (name, "no-such-user")]
    assert [end["result"] for end in ends] == [PAM_AUTH_ERR] * 2
    assert without_chance(ends[0]["calls"]) == without_chance(ends[1]["calls"])
    assert account(prompts, name) == PAM_ACCT_EXPIRED
