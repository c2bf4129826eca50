# SPDX-License-Identifier: GPL-3.0-or-later
"""A box that a test may boot again, with antarad in it."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import box as boxes

PORT = 8420
SECONDS = 60.0
KNOCK = pathlib.Path(__file__).with_name("knock.py")


class Host:
    """What a reboot keeps is what is on its disk."""

    def __init__(self, root: pathlib.Path, log: pathlib.Path) -> None:
        self.root, self.log = root, log
        self.boot()

    def boot(self) -> None:
        self.running = boxes.boot(self.root, f"{self.root.name}-{os.getpid()}", self.log)
        self.box = self.running.__enter__()

    def stop(self) -> None:
        self.running.__exit__(None, None, None)

    def ask(self, *words: str) -> Any:
        return json.loads(self.box.output("antaractl", "--json", *words))

    def restart(self) -> None:
        """Without systemd's count of starts in too short a time."""
        self.box.run("systemctl", "reset-failed", "antarad.service")
        self.box.run("systemctl", "restart", "antarad.service")

    def install(self, name: str) -> str:
        return self.box.output("sh", "-c", f"apt-get install --yes --no-install-recommends /root/{name}")

    @contextlib.contextmanager
    def knocking(self, count: int, *words: str) -> Iterator[dict[str, Any]]:
        """Clients of ours in the box's network, all the while; then it has what they say of it."""
        command = ["nsenter", "--target", str(self.box.leader), "--net", sys.executable, str(KNOCK), str(PORT), str(count), *words]
        said: dict[str, Any] = {}
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout and client.stdout.readline() == "knocking\n"
            yield said
            said.update(json.loads(client.communicate("\n")[0]))


def wait_until(what: Callable[[], object], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
