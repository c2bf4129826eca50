# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon whose clocks go ahead when a test says so, by tests/tools/later.c."""

import contextlib
import pathlib
import struct
from collections.abc import Iterator

import house as houses
import pytest


class Later:
    """The clocks of one daemon, all of them."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.page = folder / "later"
        self.seconds = 0
        self.page.write_bytes(struct.pack("=q", 0))

    def go_on(self, seconds: int) -> None:
        self.seconds += seconds
        with self.page.open("r+b") as file:  # in place: the daemon has it mapped
            file.write(struct.pack("=q", self.seconds))


@contextlib.contextmanager
def clock_of_its_own(folder: pathlib.Path) -> Iterator[Later]:
    """For daemons that start meanwhile."""
    later = Later(folder)
    begin = folder / "begin"
    preload = f"LD_PRELOAD={houses.TOOLS}/later.so ANTARA_TEST_LATER={later.page} ASAN_OPTIONS=verify_asan_link_order=0"
    begin.write_text(f'#!/bin/sh\nexec env {preload} {houses.ANTARAD} "$@"\n')
    begin.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(houses, "ANTARAD", begin)
        yield later
