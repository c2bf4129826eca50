# SPDX-License-Identifier: GPL-3.0-or-later
"""A system bus that isn't there, or takes the connection and is silent (row P4): the answer is "unavailable", within the timeout."""

import dataclasses
import pathlib
import socket
import time

from conftest import Prompts, ended

TIMEOUT_SECONDS = 3  # of the service "brief"
AWAY = "cannot retrieve authentication info"


def elsewhere(prompts: Prompts, place: pathlib.Path) -> Prompts:
    return Prompts(dataclasses.replace(prompts.house, address=f"unix:path={place}"), prompts.folder)


def test_p4_a_bus_that_is_away_is_unavailable_at_once(prompts: Prompts, tmp_path: pathlib.Path) -> None:
    for phase in ("authenticate", "acct_mgmt"):
        begun = time.monotonic()
        prompt = elsewhere(prompts, tmp_path / "nowhere").ask("brief", "nobody", phase)
        assert AWAY in ended(prompt) and prompt.exitstatus == 1
        assert time.monotonic() - begun < TIMEOUT_SECONDS


def test_p4_a_bus_that_never_speaks_is_unavailable_within_the_timeout(prompts: Prompts, tmp_path: pathlib.Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        begun = time.monotonic()
        prompt = elsewhere(prompts, tmp_path / "silent").ask("brief")
        connection, _ = silent.accept()
        with connection:
            assert AWAY in ended(prompt) and prompt.exitstatus == 1
        assert TIMEOUT_SECONDS - 1 < time.monotonic() - begun < TIMEOUT_SECONDS + 4
