# SPDX-License-Identifier: GPL-3.0-or-later
"""antarad as a child: its configuration, its start (by sd_notify, so nobody sleeps and hopes), its end."""

import os
import pathlib
import selectors
import socket
import subprocess
import tempfile
import time

UNIT = pathlib.Path(__file__).resolve().parent.parent / "systemd/antarad.service.in"
START_SECONDS = 30.0


def make_kek(antarad: pathlib.Path, kek: pathlib.Path) -> None:
    if not kek.exists():
        subprocess.run([str(antarad), "--make-kek", str(kek)], check=True)


def unit_environment() -> dict[str, str]:
    """What systemd would set for it."""
    key = "Environment="
    settings = [line.removeprefix(key).partition("=") for line in UNIT.read_text().splitlines() if line.startswith(key)]
    return {name: value for name, _, value in settings}


def start(antarad: pathlib.Path, config: pathlib.Path, address: str, log: pathlib.Path | None = None, *options: str) -> subprocess.Popen[bytes]:
    """Starts antarad and returns when it says READY=1; its standard error goes to `log`, or is ours."""
    with tempfile.TemporaryDirectory(prefix="antara-notify-") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(f"{folder}/socket")
        environment = {**os.environ, **unit_environment(), "DBUS_SYSTEM_BUS_ADDRESS": address, "NOTIFY_SOCKET": f"{folder}/socket"}
        stderr = open(log, "ab") if log else None
        process = subprocess.Popen([str(antarad), "--config", str(config), *options], env=environment, stderr=stderr, start_new_session=True)
        if stderr:
            stderr.close()
        wait_until_ready(process, notify)
    return process


def wait_until_ready(process: subprocess.Popen[bytes], notify: socket.socket) -> None:
    end = time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(notify, selectors.EVENT_READ)
        while time.monotonic() < end:
            if selector.select(0.1) and b"READY=1" in notify.recv(4096).split(b"\n"):
                return
            if process.poll() is not None:
                raise RuntimeError(f"antarad ended with {process.returncode} instead of starting")
    process.kill()
    raise RuntimeError(f"antarad was not ready within {START_SECONDS:.0f} s")
