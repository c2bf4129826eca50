# SPDX-License-Identifier: GPL-3.0-or-later
"""[pam] ssh_immediate_info: what sshd gets in one call, and what by itself. Both ages of sshd are played here by a conversation
function of our own, as their sources have it; the real one beside test_sshd.py is of before 10.3."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import PROMPT, SERVICES, Prompts
from house import House, instead_of
from talks import talk

ECHO_ON, ERROR, INFO = 2, 3, 4


@contextlib.contextmanager
def told(house: House, prompts: Prompts, folder: pathlib.Path, setting: str | None) -> Iterator[Prompts]:
    line = f"ssh_immediate_info = {setting}\n" if setting else ""
    with instead_of(house, folder, services=line + SERVICES) as other:  # what stands first there is of [pam]
        yield Prompts(other, prompts.folder)


def screens(calls: list[Any], at_once: bool) -> list[str]:
    """What the client shows, piece by piece: sshd keeps texts for the next prompt, or shows them as they come."""
    shown, kept = [], ""
    for style, text in (message for call in calls for message in call):
        kept += text + ("" if style == ECHO_ON else "\n")
        if style == ECHO_ON or at_once:
            shown.append(kept)
            kept = ""
    return shown


@pytest.mark.parametrize(
    ("setting", "styles"), [(None, [[INFO, ECHO_ON]]), ("auto", [[INFO, ECHO_ON]]), ("no", [[INFO, ECHO_ON]]), ("yes", [[INFO], [ECHO_ON]])]
)
def test_info_goes_by_itself_when_the_administrator_says_so(
    house: House, prompts: Prompts, tmp_path: pathlib.Path, setting: str | None, styles: list[list[int]]
) -> None:
    with told(house, prompts, tmp_path, setting) as asked:
        calls = talk(asked, "typed", 1, ANTARA_TEST_TTY="ssh")["calls"]
    assert [[style for style, _ in call] for call in calls] == [*styles, [ERROR]]
    before = screens(calls, at_once=False)
    assert len(before) == 1 and "Code  " in before[0] and before[0].endswith(PROMPT)
    since = screens(calls, at_once=True)
    assert "Code  " in since[0] and PROMPT not in since[0] and since[1].endswith(PROMPT) and since[2].startswith("Not approved")


def test_what_is_no_sshd_gets_one_call(house: House, prompts: Prompts, tmp_path: pathlib.Path) -> None:
    with told(house, prompts, tmp_path, "yes") as asked:
        calls = talk(asked, "typed", 1, ANTARA_TEST_TTY="/dev/pts/3")["calls"]
        assert [style for style, _ in calls[0]] == [INFO, ECHO_ON]


def test_p7_under_silent_no_info_goes_by_itself(house: House, prompts: Prompts, tmp_path: pathlib.Path) -> None:
    with told(house, prompts, tmp_path, "yes") as asked:
        assert talk(asked, "typed", 1, ANTARA_TEST_TTY="ssh", ANTARA_TEST_SILENT="1")["others"] == 0


def test_p7_a_conversation_that_fails_at_the_info_is_an_error(house: House, prompts: Prompts, tmp_path: pathlib.Path) -> None:
    with told(house, prompts, tmp_path, "yes") as asked:
        found = talk(asked, "failing", 1, ANTARA_TEST_TTY="ssh")
        assert found["result"] == 19 and found["prompts"] == 0 and found["others"] == 1
