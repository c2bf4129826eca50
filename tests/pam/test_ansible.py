# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Ansible over a real sshd, with sudo on the other side: it finds the prompt that it gave sudo (-p), and answers once."""

import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import private_bus
import pytest
from conftest import MODULE, Prompts, bent
from house import House, Person, free_port, new_house, wait_until
from real_host import USER, accounts, bound, services, system_bus

STACK = f"auth required {MODULE}\naccount required {MODULE}\nsession required pam_permit.so\n"
SUDOERS = f"Defaults pam_service=antara-sudo\nDefaults timestamp_timeout=0\n{USER} ALL=(ALL:ALL) ALL\n"
SSHD_CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
"""
ANSWER_SECONDS = 60


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with accounts(tmp_path_factory.mktemp("accounts")):
        with new_house(tmp_path_factory.mktemp("house"), bus, services="[service antara-sudo]") as running:
            yield running


@pytest.fixture(scope="module")
def folder(house: House) -> Iterator[pathlib.Path]:
    """Where sshd reads the key as the user."""
    with tempfile.TemporaryDirectory(prefix="antara-ansible-") as made:
        place = pathlib.Path(made)
        place.chmod(0o755)
        for name in ("host_key", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)], check=True)
        there = place / "there"
        there.mkdir()
        shutil.chown(there, USER, USER)
        yield place


@pytest.fixture(scope="module")
def port(house: House, folder: pathlib.Path) -> Iterator[int]:
    """Of an sshd that takes keys, on a host whose sudo asks Antara."""
    number = free_port()
    sudoers = folder / "sudoers"
    sudoers.write_text(SUDOERS)
    sudoers.chmod(0o440)
    (folder / "config").write_text(SSHD_CONFIG.format(port=number, folder=folder))
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    with services(folder, {"antara-sudo": STACK}), bound(sudoers, pathlib.Path("/etc/sudoers")), system_bus(house), open(folder / "log", "wb") as log:
        process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "config")], stderr=log, start_new_session=True)
        wait_until(lambda: b"listening on" in (folder / "log").read_bytes())
        yield number
        private_bus.stop(process)


@pytest.fixture
def alice(house: House, person: Person) -> Person:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "antara-sudo")
    return person


def code_of(house: House, person: Person) -> str:
    return Prompts(house, pathlib.Path("/")).one_time(person)


def play(port: int, folder: pathlib.Path, password: str | None) -> "subprocess.CompletedProcess[str]":
    """One task as root there; fails when it doesn't end."""
    words = [
        "ansible",
        "all",
        "-i",
        "127.0.0.1,",
        "-u",
        USER,
        "-e",
        f"ansible_port={port} ansible_python_interpreter=/usr/bin/python3",
        "--private-key",
        str(folder / "key"),
    ]
    if password is not None:
        (folder / "password").write_text(password + "\n")
        words += ["--become-password-file", str(folder / "password")]
    settings = {
        "ANSIBLE_SSH_ARGS": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ControlMaster=no",
        "ANSIBLE_LOCAL_TEMP": str(folder / "here"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "there"),
        "ANSIBLE_TIMEOUT": "10",
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(
        [*words, "-m", "command", "-a", "id -un", "--become"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=ANSWER_SECONDS,
        check=False,
    )


def test_a_one_time_code_is_the_password_of_one_task(house: House, port: int, folder: pathlib.Path, alice: Person) -> None:
    code = code_of(house, alice)
    done = play(port, folder, code)
    assert done.returncode == 0 and "root" in done.stdout.split(), done
    again = play(port, folder, code)
    assert again.returncode != 0 and "Incorrect sudo password" in again.stdout, again


def test_a_wrong_code_is_told_as_one(house: House, port: int, folder: pathlib.Path, alice: Person) -> None:
    done = play(port, folder, bent(code_of(house, alice)))
    assert done.returncode != 0 and "Incorrect sudo password" in done.stdout, done


def test_without_a_password_it_ends_and_says_what_is_missing(port: int, folder: pathlib.Path, alice: Person) -> None:
    done = play(port, folder, None)
    assert done.returncode != 0 and "Missing sudo password" in done.stdout, done
