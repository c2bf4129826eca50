# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen with a keyboard: Xvfb, what xdotool types there, and whether a locker has the keyboard for itself."""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator

import private_bus

GRAB_MODE_ASYNC = 1
CURRENT_TIME = 0


class Screen:
    def __init__(self, name: str) -> None:
        self.name = name

    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.name, "LC_ALL": "C.UTF-8"}

    def type(self, text: str) -> None:
        """And Enter."""
        if text:
            self.do("type", "--delay", "4", text)
        self.do("key", "Return")

    def do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.environment(), check=True, timeout=20)

    def is_locked(self) -> bool:
        """Nobody else gets what is typed."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XDefaultRootWindow.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.name.encode()))
        root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
        refused = x11.XGrabKeyboard(display, root, 0, GRAB_MODE_ASYNC, GRAB_MODE_ASYNC, ctypes.c_ulong(CURRENT_TIME))
        x11.XCloseDisplay(display)
        return bool(refused)


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-ac", "-noreset"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout
        yield Screen(f":{server.stdout.readline().strip()}")
    finally:
        private_bus.stop(server)
