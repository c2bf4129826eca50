# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts that are left standing: whoever does that loses his own, and keeps nobody out (row P13)."""

import pathlib
from collections.abc import Iterator

import pytest
from gi.repository import GLib
from house import House, new_house
from prompt import Prompt, connect

OF_USER = 128  # places of one local user
OF_SSHD = 100  # MaxStartups: so many stand there at once
OF_ALL = 512


@pytest.fixture
def host(bus: str, tmp_path: pathlib.Path) -> Iterator[House]:
    with new_house(tmp_path, bus) as running:
        yield running


def stands(prompt: Prompt) -> bool:
    try:
        return prompt.type() == ("wait", "")
    except GLib.Error as error:
        assert "no such conversation" in str(error), error
        return False


def knock(house: House, count: int, rhost: str, users: tuple[str, ...] = ("alice",)) -> list[Prompt]:
    """All by one connection: a bus gives one user no more than 256."""
    bus = connect(house)
    return [Prompt(house, "demo", users[number % len(users)], bus, rhost=rhost) for number in range(count)]


def test_p13_who_leaves_prompts_standing_at_a_name_loses_his_own(host: House) -> None:
    owner = Prompt(host, "demo", "alice", rhost="198.51.100.7")
    knocks = knock(host, OF_USER, "203.0.113.9")
    assert stands(owner) and stands(knocks[-1])
    assert not stands(knocks[0])  # the oldest
    late = Prompt(host, "demo", "alice", rhost="198.51.100.8")
    assert stands(late) and stands(owner)


def test_p13_all_that_sshd_lets_stand_end_no_other(host: House) -> None:
    owner = Prompt(host, "demo", "alice", rhost="198.51.100.7")
    knocks = [knock(host, 1, f"203.0.{number}.9")[0] for number in range(OF_SSHD)]
    assert stands(owner) and stands(knocks[0])


def test_p13_so_it_is_when_many_names_fill_all_places(host: House) -> None:
    owner = Prompt(host, "demo", "alice", rhost="198.51.100.7")
    names = tuple(f"user{number}" for number in range(OF_ALL // OF_USER + 1))
    knocks = knock(host, OF_ALL, "203.0.113.9", names)
    assert stands(owner) and not stands(knocks[0])


def test_p13_programs_that_name_nobody_are_no_crowd(host: House) -> None:
    """A console names neither address nor asker, and a mail server doesn't either."""
    owner = Prompt(host, "demo", "alice")
    names = tuple(f"user{number}" for number in range(OF_ALL // OF_USER + 1))
    knocks = knock(host, OF_ALL, "", names)
    assert stands(owner) and not stands(knocks[0])
