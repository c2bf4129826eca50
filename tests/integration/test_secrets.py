# SPDX-License-Identifier: GPL-3.0-or-later
"""Row K9: after many sign-ins no secret stands where it can be read: files, log, command line, environment, and what a core dump would hold."""

import base64
import os
import pathlib
import re
import resource
import subprocess
from collections.abc import Iterator

import house as houses
import pytest
from house import BUILD, House, Person
from oauth import App

SIGN_INS = 1000 if "ANTARA_TEST_LONG" in os.environ else 60


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


@pytest.fixture(scope="module")
def said(house: House) -> set[str]:
    """What the world has seen of this daemon: each must stand nowhere else."""
    app = App(house, house.add_app("Bakery", "http://127.0.0.1/callback"))
    seen: set[str] = set()
    for number in range(SIGN_INS):
        person = Person(house, f"person-{number}-secretly@example.org")
        code = app.code(person)
        tokens = app.redeem(code).json()
        tokens.update(app.refresh(tokens["refresh_token"]).json())
        seen |= {person.email, code, tokens["access_token"], tokens["refresh_token"], app.userinfo(tokens["access_token"]).json()["sub"]}
        seen |= {cookie.value for cookie in person.web.cookies if cookie.value and len(cookie.value) > 20}
    return seen


def keys(house: House) -> list[bytes]:
    """The KEK, and all keys of the keyring."""
    words = [str(BUILD / "tests/tools/keyring-keys"), str(house.folder / "state/keyring"), str(house.folder / "kek")]
    told = subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout.split()
    assert len(told) > 10
    return [(house.folder / "kek").read_bytes(), *map(bytes.fromhex, told)]


def spellings(secret: bytes) -> list[bytes]:
    return [secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="), base64.urlsafe_b64encode(secret).rstrip(b"=")]


def process(house: House) -> pathlib.Path:
    assert house.antarad
    return pathlib.Path("/proc") / str(house.antarad.pid)


def places(house: House) -> dict[str, bytes]:
    files = {str(path): path.read_bytes() for path in (house.folder / "state").iterdir()}
    return files | {
        "log": (house.folder / "antarad.log").read_bytes(),
        "cmdline": (process(house) / "cmdline").read_bytes(),
        "environ": (process(house) / "environ").read_bytes(),
    }


def test_k9_files_log_arguments_and_environment_hold_nothing_that_was_said(house: House, said: set[str]) -> None:
    house.ctl("check")  # with a snapshot or without
    for place, content in places(house).items():
        for text in said:
            assert text.encode() not in content, f"{text[:6]}… stands in {place}"


def test_k9_no_key_stands_in_a_file_or_the_log(house: House, said: set[str]) -> None:
    assert said
    for place, content in places(house).items():
        for secret in keys(house):
            assert not any(spelling in content for spelling in spellings(secret)), place


def dumped(house: House) -> Iterator[tuple[str, bytes]]:
    """The mappings that a core dump holds: all private and readable ones that are not marked (dd in VmFlags of proc(5))."""
    head = ""
    with open(process(house) / "mem", "rb") as memory, open(process(house) / "smaps") as smaps:
        for line in smaps:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                head = line
            elif line.startswith("VmFlags:") and " dd" not in line and head.split()[1].startswith("r") and "[v" not in head:
                begin, end = (int(number, 16) for number in head.split()[0].split("-"))
                try:
                    memory.seek(begin)
                    yield head.strip(), memory.read(end - begin)
                except OSError:
                    continue  # a guard page, or what ends behind its file


def test_k9_a_core_dump_holds_no_kek_and_no_key(house: House, said: set[str]) -> None:
    assert said
    wanted = keys(house)
    assert any(house.issuer.encode() in content for _, content in dumped(house)), "this finds nothing at all"
    found = [(where, wanted.index(secret)) for where, content in dumped(house) for secret in wanted if secret in content]
    assert not found, found


def test_k9_the_kernel_writes_no_core_at_all(house: House) -> None:
    assert house.antarad
    assert resource.prlimit(house.antarad.pid, resource.RLIMIT_CORE)[0] == 0
