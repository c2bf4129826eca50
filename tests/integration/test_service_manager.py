# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service manager is told: ready, alive, reloading, stopping; and the configuration that is installed."""

import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
from collections.abc import Iterator

import daemon_process
import pytest
from house import ANTARAD, ROOT, free_port

SECONDS = 30.0
WATCHDOG_USEC = 400_000
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000  # also threads


@pytest.fixture
def manager(tmp_path: pathlib.Path) -> Iterator[socket.socket]:
    """Listens as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        notify.settimeout(SECONDS)
        yield notify


@pytest.fixture
def antarad(bus: str, manager: socket.socket, tmp_path: pathlib.Path) -> Iterator[subprocess.Popen[bytes]]:
    (tmp_path / "store").mkdir()
    daemon_process.make_kek(ANTARAD, tmp_path / "kek")
    config = tmp_path / "antarad.conf"
    text = (ROOT / "systemd/antarad.conf").read_text().replace("/var/lib/antara", str(tmp_path))
    text = text.replace("\n[http]\n", f"\n[http]\nlisten = 127.0.0.1:{free_port()}\n").replace("[daemon]", f"[daemon]\nkek_file = {tmp_path}/kek")
    config.write_text(text)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(WATCHDOG_USEC)}
    process = subprocess.Popen([str(ANTARAD), "--config", str(config)], env=environment, start_new_session=True)
    yield process
    process.kill()
    process.wait()


def hear(manager: socket.socket, word: str) -> list[str]:
    """Messages up to one that says `word`."""
    messages = []
    while True:
        messages += manager.recv(4096).decode().split("\n")
        if word in messages:
            return messages


def test_it_says_that_it_is_ready_alive_reloading_and_stopping(antarad: subprocess.Popen[bytes], manager: socket.socket) -> None:
    hear(manager, "READY=1")
    for _ in range(3):
        hear(manager, "WATCHDOG=1")
    antarad.send_signal(signal.SIGHUP)
    hear(manager, "RELOADING=1")
    hear(manager, "READY=1")
    antarad.send_signal(signal.SIGTERM)
    hear(manager, "STOPPING=1")
    assert antarad.wait(SECONDS) == 0


@contextlib.contextmanager
def held(thread: int) -> Iterator[None]:
    """Stops one thread alone, as one that hangs."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    assert libc.ptrace(PTRACE_SEIZE, thread, None, None) == 0, os.strerror(ctypes.get_errno())
    assert libc.ptrace(PTRACE_INTERRUPT, thread, None, None) == 0
    assert os.waitpid(thread, WALL)[0] == thread
    try:
        yield
    finally:
        assert libc.ptrace(PTRACE_DETACH, thread, None, None) == 0


def http_worker(process: subprocess.Popen[bytes]) -> int:
    tasks = pathlib.Path(f"/proc/{process.pid}/task").iterdir()
    return next(int(task.name) for task in tasks if (task / "comm").read_text() == "http-worker\n")


def test_it_is_not_alive_while_one_worker_hangs(antarad: subprocess.Popen[bytes], manager: socket.socket) -> None:
    hear(manager, "WATCHDOG=1")
    with held(http_worker(antarad)):
        manager.settimeout(2 * WATCHDOG_USEC / 1e6)
        with pytest.raises(TimeoutError):
            for _ in range(3):  # two may be of before
                hear(manager, "WATCHDOG=1")
    manager.settimeout(SECONDS)
    hear(manager, "WATCHDOG=1")


def test_the_installed_configuration_is_good() -> None:
    done = subprocess.run([str(ANTARAD), "--config", str(ROOT / "systemd/antarad.conf"), "--check-config"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
