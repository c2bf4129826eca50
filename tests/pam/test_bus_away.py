# SPDX-License-Identifier: GPL-3.0-or-later
"""A system bus that isn't there, or takes the connection and is silent (row P4): the answer is "unavailable", long before a person's timeout."""

import contextlib
import dataclasses
import os
import pathlib
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from conftest import Prompts, ended

TIMEOUT_SECONDS = 3  # of the service "brief"
CALL_SECONDS = 5  # for whatever is answered at once; the service "patient" gives a person 300
AWAY = "cannot retrieve authentication info"
PHASES = ("authenticate", "acct_mgmt")


def elsewhere(prompts: Prompts, place: pathlib.Path) -> Prompts:
    return Prompts(dataclasses.replace(prompts.house, address=f"unix:path={place}"), prompts.folder)


def ends_after(prompts: Prompts, service: str, phase: str) -> float:
    """Seconds until the module says that it is unavailable."""
    begun = time.monotonic()
    prompt = prompts.ask(service, "nobody", phase)
    with contextlib.closing(prompt):
        assert AWAY in ended(prompt)
    assert prompt.exitstatus == 1
    return time.monotonic() - begun


def bus_pid(bus: socket.socket) -> int:
    return int(struct.unpack("3i", bus.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def relay(client: socket.socket, bus: socket.socket, word: bytes) -> None:
    """Until the client goes. The bus is stopped when @word is on the way to it."""
    heard = b""
    while True:
        for source in select.select([client, bus], [], [])[0]:
            some = source.recv(65536)
            if not some:
                return
            if source is client:
                heard += some
                if word in heard:
                    os.kill(bus_pid(bus), signal.SIGSTOP)
            (bus if source is client else client).sendall(some)


@contextlib.contextmanager
def hanging_at(address: str, word: bytes, place: pathlib.Path) -> Iterator[None]:
    """The bus of @address at another place, for one client: from the moment when he says @word it hangs."""
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as bus:
        bus.connect(address.removeprefix("unix:path="))
        listener.bind(str(place))
        listener.listen()
        listener.settimeout(CALL_SECONDS)

        def serve() -> None:
            with listener.accept()[0] as client:
                relay(client, bus, word)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
            state = pathlib.Path(f"/proc/{bus_pid(bus)}/stat").read_text().rsplit(")")[1].split()[0]
            assert state == "T", f"nobody said {word!r}"
        finally:
            os.kill(bus_pid(bus), signal.SIGCONT)
            thread.join()


@pytest.mark.parametrize("phase", PHASES)
def test_p4_a_bus_that_is_away_is_unavailable_at_once(prompts: Prompts, tmp_path: pathlib.Path, phase: str) -> None:
    assert ends_after(elsewhere(prompts, tmp_path / "nowhere"), "brief", phase) < TIMEOUT_SECONDS


def test_p4_a_bus_that_never_speaks_is_unavailable_within_a_short_timeout(prompts: Prompts, tmp_path: pathlib.Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        assert TIMEOUT_SECONDS - 1 < ends_after(elsewhere(prompts, tmp_path / "silent"), "brief", "authenticate") < CALL_SECONDS


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("word", [b"AUTH", b"Hello", b"GetNameOwner", b"GetConnectionUnixUser"])
def test_p4_a_bus_that_hangs_is_unavailable_within_a_call(prompts: Prompts, tmp_path: pathlib.Path, word: bytes, phase: str) -> None:
    """The real bus, stopped: before it has let the module in, and while it says who the daemon is."""
    with hanging_at(prompts.house.address, word, tmp_path / "bus"):
        assert CALL_SECONDS - 1 < ends_after(elsewhere(prompts, tmp_path / "bus"), "patient", phase) < CALL_SECONDS + 3
