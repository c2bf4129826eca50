# SPDX-License-Identifier: GPL-3.0-or-later
"""Many conversations in one process. Run with a release build: a sanitizer would make them last for minutes."""

import os
import pathlib

from conftest import Prompts
from house import House
from talks import talk

PAM_AUTH_ERR = 7
MANY = 10_000
GROWTH_MAX_KIB = 512
DAEMON_GROWTH_MAX_KIB = 3072  # less than what one conversation takes, for each


def size_of(process: int) -> tuple[int, int, int]:
    """KiB of its own memory, descriptors, threads."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines())
    return int(status["RssAnon"].split()[0]), len(os.listdir(f"/proc/{process}/fd")), int(status["Threads"])


def daemon_size(house: House, backup: pathlib.Path) -> tuple[int, int, int]:
    """After a checkpoint, since what it took malloc keeps: as much as was written since the one before."""
    house.ctl("backup", str(backup))
    assert house.antarad
    return size_of(house.antarad.pid)


def test_p12_10000_conversations_leak_nothing(prompts: Prompts, tmp_path: pathlib.Path) -> None:
    """Neither here nor in the daemon, whose second 10,000 are looked at: the first have filled its caches, and a checkpoint."""
    talk(prompts, "typed", MANY)
    before = daemon_size(prompts.house, tmp_path / "before")
    found = talk(prompts, "typed", MANY)
    after = daemon_size(prompts.house, tmp_path / "after")
    assert found["result"] == PAM_AUTH_ERR and found["prompts"] == MANY
    early, late = found["kib"]
    assert late - early < GROWTH_MAX_KIB, found
    assert found["descriptors"][0] == found["descriptors"][1]
    assert found["signal"] == 0
    assert after[0] - before[0] < DAEMON_GROWTH_MAX_KIB and after[1:] == before[1:], (before, after)
