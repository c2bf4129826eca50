# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations by tests/tools/pam-conversations, which tells their results as libpam's numbers."""

import json
import os
import subprocess
from typing import Any

import pexpect
from conftest import Prompts, ended
from house import TOOLS

TOOL = str(TOOLS / "pam-conversations")


def environment_of(prompts: Prompts, more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": prompts.house.address, **more}


def talk(prompts: Prompts, kind: str, count: int, service: str = "demo", names: str = "", **environment: str) -> dict[str, Any]:
    """In one process, one after the other. Nobody's terminal is there: standard input is none, or the names of who asks."""
    done = subprocess.run(
        [TOOL, str(prompts.folder), service, kind, str(count)],
        env=environment_of(prompts, environment),
        capture_output=True,
        text=True,
        input=names,
        timeout=500,
        check=True,
    )
    return dict(json.loads(done.stdout))


def sit_down(prompts: Prompts, service: str = "demo", user: str = "nobody", **environment: str) -> "pexpect.spawn[str]":
    """One conversation, with a person at its terminal."""
    more = environment_of(prompts, {"ANTARA_TEST_USER": user, "LC_ALL": "C.UTF-8", **environment})
    words = [str(prompts.folder), service, "person", "1"]
    return pexpect.spawn(TOOL, words, env=more, timeout=20, encoding="utf-8", dimensions=(60, 400))


def result_of(terminal: "pexpect.spawn[str]") -> int:
    return int(json.loads(ended(terminal).splitlines()[-1])["result"])


def account(prompts: Prompts, user: str = "nobody", service: str = "demo", **environment: str) -> int:
    """The result of the account phase, in which nothing is asked."""
    found = talk(prompts, "typed", 1, service, ANTARA_TEST_USER=user, ANTARA_TEST_PHASE="account", **environment)
    assert found["prompts"] == 0
    return int(found["result"])
