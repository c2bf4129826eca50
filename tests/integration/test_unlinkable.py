# SPDX-License-Identifier: GPL-3.0-or-later
"""Two apps that work together, with a stolen journal: nothing joins the slug that one has of a person to the slug that the other has.

The thieves know each person's moments at both apps, and so which frames of the journal belong to which sign-in; that is more than a file of frames tells.
"""

import base64
import itertools
import json
import pathlib
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import house as houses
import pytest
from house import House, Person
from oauth import App

PEOPLE = 40
LUCK = 8  # who guesses joins one person in the mean, however many there are; eight or more are one chance in 100,000 (Poisson)
HEAD = struct.Struct("<4sIQQHHI16s16s")


@dataclass
class Visit:
    """What one app and the thief have of one person."""

    sizes: list[int]
    said: set[str]


def frames(state: pathlib.Path) -> list[tuple[int, bytes]]:
    """Sequence and sealed payload of each."""
    found = []
    for path in sorted(state.glob("journal-*[0-9]")):
        data = path.read_bytes()
        at = data.find(b"anf1")
        while at >= 0 and data[at : at + 4] == b"anf1":
            _, size, sequence, *_ = HEAD.unpack_from(data, at)
            found.append((sequence, data[at + HEAD.size : at + HEAD.size + size]))
            at += HEAD.size + size
    return found


def claims(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def visit(house: House, app: App, person: Person) -> Visit:
    """A sign-in with mail, in a browser that knows nothing, up to the refreshed token."""
    person.web.cookies.clear()
    before = len(frames(house.folder / "state"))
    first = app.tokens(person)
    second = app.refresh(first["refresh_token"]).json()
    about = app.userinfo(second["access_token"])
    told = {**first, **second, **claims(first["id_token"]), **about.json(), **about.headers}
    sizes = [len(payload) for _, payload in frames(house.folder / "state")[before:]]
    return Visit(sizes, {str(value) for name, value in told.items() if name not in ("iat", "exp", "Date")})


def people(house: House, chance: random.Random) -> list[Person]:
    """With addresses and browsers of many lengths, and with none to seven apps that they use already."""
    others = [App(house, house.add_app(f"Shop {number}", "http://127.0.0.1/callback"), "http://127.0.0.1/callback") for number in range(7)]
    found = []
    for number in range(PEOPLE):
        person = Person(house, f"{'x' * chance.randrange(50)}{number}@{'y' * chance.randrange(1, 60)}.example")
        person.web.headers["User-Agent"] = "B" * chance.randrange(10, 200)
        for app in others[: chance.randrange(8)]:
            app.code(person)
        found.append(person)
    return found


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


@pytest.fixture(scope="module")
def visits(house: House) -> list[tuple[Visit, Visit]]:
    chance = random.Random(1)
    known = people(house, chance)
    bakery, garage = (App(house, house.add_app(name, "http://127.0.0.1/callback"), "http://127.0.0.1/callback") for name in ("Bakery", "Garage"))
    at_bakery = [visit(house, bakery, person) for person in known]
    order = chance.sample(range(PEOPLE), PEOPLE)
    at_garage = {number: visit(house, garage, known[number]) for number in order}
    return [(at_bakery[number], at_garage[number]) for number in range(PEOPLE)]


def joined(visits: list[tuple[Visit, Visit]], look: Callable[[list[int]], list[int]]) -> float:
    """How many people are joined, in the mean, by who guesses among the visits that look most alike."""
    hits = 0.0
    for number, (one, _) in enumerate(visits):
        far = [sum(abs(a - b) for a, b in itertools.zip_longest(look(one.sizes), look(other.sizes), fillvalue=0)) for _, other in visits]
        hits += (far[number] == min(far)) / far.count(min(far))
    return hits


def test_the_sizes_of_frames_join_no_more_slugs_than_luck(visits: list[tuple[Visit, Visit]]) -> None:
    """By any one frame of a sign-in, and by all together."""
    n_frames = min(len(visit.sizes) for pair in visits for visit in pair)
    looks: list[Callable[[list[int]], list[int]]] = [lambda sizes: sizes, *(lambda sizes, at=at: [sizes[at]] for at in range(n_frames))]  # type: ignore[misc]
    assert n_frames > 5
    assert [joined(visits, look) for look in looks if joined(visits, look) >= LUCK] == [], "\n".join(
        str(sorted(found)) for found in zip(*(visit.sizes for pair in visits for visit in pair))
    )


def test_no_piece_of_a_key_or_a_time_stands_in_two_frames(house: House, visits: list[tuple[Visit, Visit]]) -> None:
    """The same records are written at both apps: their physical keys would join them."""
    seen: set[bytes] = set()
    for _, payload in frames(house.folder / "state"):
        mine = {payload[at : at + 8] for at in range(len(payload) - 8)}
        assert not mine & seen
        seen |= mine


def test_o15_what_two_apps_are_told_of_one_person_they_are_told_of_everybody(visits: list[tuple[Visit, Visit]]) -> None:
    """But for the time, which they know."""
    of_all = set.intersection(*(visit.said for pair in visits for visit in pair))
    assert "Bearer" in of_all, "what all are told is not seen at all"
    assert all(len(visit.said - of_all) > 5 for pair in visits for visit in pair), "nor what only one is told"
    assert [one.said & other.said - of_all for one, other in visits] == [set()] * PEOPLE
