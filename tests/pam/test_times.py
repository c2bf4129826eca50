# SPDX-License-Identifier: GPL-3.0-or-later
"""Row P3 of the threat model: how long a prompt takes to come, and a wrong code to be refused, tells nobody whose name it is."""

import random
from collections.abc import Iterator

import pytest
from conftest import Prompts
from house import House, Person, new_house
from likeness import Pairs, ahead_of_others, expect_alike
from real_host import accounts, names_from
from talks import talk

ROUNDS = 300
BATCHES_MAX = 3
TELLTALE = 4  # a delay of a quarter is one that a visitor could see through sshd's own; less would take minutes
KINDS = ("known", "plain", "ghost")  # of one length: linked, without a link, not there
PEOPLE = 50  # of each kind: what one knocks is counted, and read with each of his prompts

Times = dict[str, list[list[int]]]  # kind: of each conversation, nanoseconds until it asked, and until it refused


def names_of(kind: str) -> list[str]:
    return [f"antara-{kind}-{number:02}" for number in range(PEOPLE)]


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    there = list(enumerate(names_of("known") + names_of("plain"), 4300))
    rows = {
        "passwd": "\n".join(f"{name}:x:{uid}:{uid}::/tmp:/bin/bash" for uid, name in there),
        "shadow": "\n".join(f"{name}:*:19000:0:99999:7:::" for _, name in there),
        "group": "\n".join(f"{name}:x:{uid}:" for uid, name in there),
    }
    here = names_from(tmp_path_factory.mktemp("etc"), "files")  # what else a host asks takes time of its own, of every program
    with here, accounts(tmp_path_factory.mktemp("accounts"), rows), new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


def ask_rounds(prompts: Prompts, times: Times) -> None:
    """Each round asks once for each kind, in random order."""
    names = [(kind, names_of(kind)[number % PEOPLE]) for number in range(ROUNDS) for kind in random.sample(KINDS, len(KINDS))]
    words = "".join(name + "\n" for _, name in names)
    found = talk(prompts, "typed", len(names), names=words, ANTARA_TEST_USER="-", ANTARA_TEST_TTY="/dev/pts/3", ANTARA_TEST_TYPED="BCDFG-HJKLM")
    assert found["prompts"] == len(names)
    for (kind, _), taken in zip(names, found["times"], strict=True):
        times[kind].append(taken)


def pairs_of(times: Times) -> Pairs:
    """What a known name takes beside each other kind."""
    steps = {"prompt": 0, "refusal": 1}
    return {
        f"{step} of {kind}": ([taken[place] for taken in times["known"]], [taken[place] for taken in times[kind]])
        for step, place in steps.items()
        for kind in KINDS[1:]
    }


def test_p3_prompt_and_refusal_last_alike_for_whoever_it_is(house: House, prompts: Prompts, person: Person) -> None:
    assert house.antarad
    person.sign_in()
    for name in names_of("known"):
        house.ctl("link", "add", name, "--email", person.email)
    times: Times = {kind: [] for kind in KINDS}
    with ahead_of_others(house.antarad.pid):
        expect_alike(lambda: ask_rounds(prompts, times), lambda: pairs_of(times), BATCHES_MAX, TELLTALE)
