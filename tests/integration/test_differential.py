# SPDX-License-Identifier: GPL-3.0-or-later
"""The same odd requests to our port, to haproxy and to nginx: what both of these refuse, we refuse; nor do we cut requests otherwise than they."""

import concurrent.futures
import pathlib
from collections.abc import Iterator

import pytest
from house import House, new_house
from odd_requests import ODD, filled
from proxies import haproxy, nginx
from raw import connect, read_all, send_all, statuses

AT_ONCE = 24
SECONDS = 30.0
BEHIND = b"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"

Answers = dict[str, list[int]]


def answers(port: int) -> Answers:
    """Of each odd request and the sound one behind it, the statuses until the end."""

    def ask(name: str) -> list[int]:
        with connect(port, seconds=SECONDS) as client:
            send_all(client, filled(ODD[name] + BEHIND, port))
            return statuses(read_all(client, SECONDS))

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(ODD, pool.map(ask, ODD)))


def is_refused(found: list[int]) -> bool:
    """Nothing, or an error; and then the end, with the sound request behind it unserved."""
    return not found or (len(found) == 1 and found[0] >= 400)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("proxies")


@pytest.fixture(scope="module")
def ours(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    with new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield answers(running.port)


@pytest.fixture(scope="module")
def theirs(folder: pathlib.Path) -> Iterator[tuple[Answers, Answers]]:
    with haproxy(folder) as one, nginx(folder) as other:
        yield answers(one), answers(other)


def test_the_others_serve_a_sound_request(folder: pathlib.Path) -> None:
    """Or else they would refuse everything."""
    for proxy in (haproxy, nginx):
        with proxy(folder) as port, connect(port) as client:
            send_all(client, filled(BEHIND, port))
            assert statuses(read_all(client)) == [200]


def test_g1_what_both_others_refuse_we_refuse(ours: Answers, theirs: tuple[Answers, Answers]) -> None:
    assert len(ODD) >= 200
    refused = [name for name in ODD if all(is_refused(found[name]) for found in theirs)]
    assert len(refused) > 50
    assert [(name, ours[name]) for name in refused if not is_refused(ours[name])] == []


def test_g1_what_all_serve_is_cut_alike(ours: Answers, theirs: tuple[Answers, Answers]) -> None:
    """As many requests in the same bytes, or else something could hide between."""
    served = [name for name in ODD if not any(is_refused(found[name]) for found in (ours, *theirs))]
    assert [(name, ours[name]) for name in served if len(ours[name]) not in {len(found[name]) for found in theirs}] == []
