# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the code of a prompt lives: it ends before the program does that waits for it."""

import re
from collections.abc import Iterator

import pytest
from gi.repository import Gio, GLib
from house import House, new_house
from prompt import Prompt

USEC_PER_SEC = 1_000_000
LIVES = {"login": 45, "sudo": 60, "sudo-i": 60, "su": 60, "su-l": 60, "sshd": 100, "demo": 100}
LIVES_OF_SCREENS = {"gdm-password": 180, "lightdm": 180, "sddm": 180}  # where a line is all there is to show


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    names = [name for name in {**LIVES, **LIVES_OF_SCREENS} if name not in ("sudo-i", "su-l")]  # these go with sudo and su
    with new_house(tmp_path_factory.mktemp("house"), bus, services="\n".join(f"[service {name}]" for name in names)) as running:
        yield running


def life_seconds(prompt: Prompt) -> float:
    """As org.antara1.Approval lists it."""
    where = ("org.antara1", "/org/antara1", "org.antara1.Approval", "ListAll")
    rows = prompt.bus.call_sync(*where, GLib.Variant("(s)", ("",)), None, Gio.DBusCallFlags.NONE, 20_000, None).unpack()[0]
    begun, expires = next(row[8:10] for row in rows if row[0] == prompt.id)
    return float(expires - begun) / USEC_PER_SEC


@pytest.mark.parametrize("service", LIVES)
def test_a_code_lives_as_long_as_its_prompt_says(house: House, service: str) -> None:
    prompt = Prompt(house, service, "nobody", tty="pts/1")
    said = re.search(r"Code  \w{4}-\w{4}     \((\d+) s\)", prompt.info)
    assert said and int(said[1]) == LIVES[service], prompt.info
    assert life_seconds(prompt) == LIVES[service]
    prompt.close()


@pytest.mark.parametrize("service", LIVES_OF_SCREENS)
def test_a_display_managers_code_lives_longer(house: House, service: str) -> None:
    prompt = Prompt(house, service, "nobody", tty=":0")
    assert prompt.info == "" and life_seconds(prompt) == LIVES_OF_SCREENS[service]
    prompt.close()
