# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever can become root on this host types the number, wherever the page is: the module finds his groups as the host's programs do."""

import grp
import pathlib
import re
from collections.abc import Iterator

import pytest
from conftest import Prompts
from house import House, Person, new_house
from real_host import accounts, bound
from talks import result_of, sit_down

PAM_SUCCESS = 0
MANY_GROUPS = 100
SUDO_GID = grp.getgrnam("sudo").gr_gid
USERS = {  # uid and gid
    "antara-plain": (4300, 4300),
    "antara-wide": (4304, 4304),  # of very many groups, and of none that is meant
    "antara-member": (4301, 4301),
    "antara-many": (4302, 4302),  # of that one too
    "antara-own": (4303, SUDO_GID),
}
MEMBERS = "antara-member,antara-many"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("accounts")
    groups = [f"{name}:x:{gid}:" for name, (uid, gid) in USERS.items() if uid == gid]
    rows = {
        "passwd": "\n".join(f"{name}:x:{uid}:{gid}::/tmp:/bin/bash" for name, (uid, gid) in USERS.items()),
        "shadow": "\n".join(f"{name}:*:19000:0:99999:7:::" for name in USERS),
        "group": "\n".join([*groups, *(f"antara-{gid}:x:{gid}:antara-many,antara-wide" for gid in range(5000, 5000 + MANY_GROUPS))]),
    }
    with accounts(folder, rows):
        lines = pathlib.Path("/etc/group").read_text().splitlines(keepends=True)
        (sudo,) = [line for line in lines if line.startswith("sudo:")]
        lines.remove(sudo)
        (folder / "group").write_text("".join(lines) + re.sub(r"(.*:)(.*)\n", rf"\g<1>{MEMBERS}\n", sudo))  # last, behind all the others
        with new_house(tmp_path_factory.mktemp("house"), bus) as running:
            yield running


def wants_number(house: House, prompts: Prompts, person: Person, user: str) -> bool:
    """Lets that user in."""
    terminal = sit_down(prompts, user=user)
    page = prompts.decide(person, prompts.code(terminal))
    wanted = "nobody will ask you for it" in page
    terminal.sendline(prompts.number(page) if wanted else "")
    assert result_of(terminal) == PAM_SUCCESS
    return wanted


@pytest.mark.parametrize("user", USERS)
def test_members_of_a_privileged_group_type_the_number(house: House, prompts: Prompts, person: Person, user: str) -> None:
    person.sign_in()
    house.ctl("link", "add", user, "--email", person.email)
    assert wants_number(house, prompts, person, user) == (user not in ("antara-plain", "antara-wide"))


def test_a_member_whom_only_the_group_lists_types_it(house: House, prompts: Prompts, person: Person, tmp_path: pathlib.Path) -> None:
    """Where nsswitch.conf(5) has initgroups of its own."""
    switch = tmp_path / "nsswitch.conf"
    switch.write_text(pathlib.Path("/etc/nsswitch.conf").read_text() + "initgroups: systemd\n")
    person.sign_in()
    for user in ("antara-member", "antara-plain"):
        house.ctl("link", "add", user, "--email", person.email)
    with bound(switch, pathlib.Path("/etc/nsswitch.conf")):
        assert wants_number(house, prompts, person, "antara-member") and not wants_number(house, prompts, person, "antara-plain")


def test_a_user_who_is_not_to_be_found_types_it(house: House, prompts: Prompts, person: Person, tmp_path: pathlib.Path) -> None:
    person.sign_in()
    with accounts(tmp_path, {"passwd": "antara-gone:x:4305:4305::/tmp:/bin/bash"}):
        house.ctl("link", "add", "antara-gone", "--email", person.email)
        assert not wants_number(house, prompts, person, "antara-gone")
    assert wants_number(house, prompts, person, "antara-gone")
