# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations by tests/tools/pam-conversations: in one process, one after the other."""

import json
import os
import pathlib
import subprocess
from typing import Any

from conftest import Prompts


def talk(prompts: Prompts, kind: str, count: int, service: str = "demo", **environment: str) -> dict[str, Any]:
    """Nobody's terminal is there: standard input is none."""
    tool = pathlib.Path(os.environ["ANTARA_TOOLS"]) / "pam-conversations"
    done = subprocess.run(
        [str(tool), str(prompts.folder), service, kind, str(count)],
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": prompts.house.address, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=500,
        check=True,
    )
    return dict(json.loads(done.stdout))
