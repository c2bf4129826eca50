# SPDX-License-Identifier: GPL-3.0-or-later
"""What antaractl service enable sshd writes, under the real sshd with Debian's own stack: who comes in by which way, and what still
works when the daemon or the module is away. /etc/pam.d, the folder of modules and the accounts are copies, bound over the machine's."""

import contextlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pexpect
import private_bus
import pytest
from conftest import MODULE, PROMPT, Prompts, ended
from house import House, Person, free_port, new_house, wait_until
from real_host import accounts, bound, services, system_bus
from test_sshd import SSHD_CONFIG

LINKED, UNLINKED, SECRET = "antara-linked", "antara-unlinked", "right horse"


@dataclass
class Host:
    house: House
    port: int
    folder: pathlib.Path
    modules: pathlib.Path

    def ssh(self, user: str, way: str, port: int = 0) -> "pexpect.spawn[str]":
        wanted = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "NumberOfPasswordPrompts=1"]
        wanted += [f"PreferredAuthentications={way}", f"IdentityFile={self.folder}/key", "IdentitiesOnly=yes"]
        options = [word for option in wanted for word in ("-o", option)]
        command = [*options, "-p", str(port or self.port), f"{user}@127.0.0.1", "id", "-un"]
        return pexpect.spawn("ssh", command, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=30, encoding="utf-8", dimensions=(60, 200))

    def comes_in_by_password(self, user: str, asked_before: bool) -> bool:
        client = self.ssh(user, "keyboard-interactive")
        if asked_before:
            client.expect_exact(PROMPT)
            client.sendline("-")  # neither approved nor a number: on to the password
        client.expect_exact("Password: ")
        client.sendline(SECRET)
        return user in ended(client) and client.exitstatus == 0

    def comes_in_by_key(self, user: str) -> bool:
        client = self.ssh(user, "publickey")
        return user in ended(client) and client.exitstatus == 0


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("accounts")
    digest = subprocess.run(["openssl", "passwd", "-6", SECRET], capture_output=True, text=True, check=True).stdout.strip()
    users = {LINKED: 4301, UNLINKED: 4302}
    rows = {
        "passwd": "\n".join(f"{user}:x:{uid}:{uid}::/tmp:/bin/bash" for user, uid in users.items()),
        "shadow": "\n".join(f"{user}:{digest}:19000:0:99999:7:::" for user in users),
        "group": "\n".join(f"{user}:x:{uid}:" for user, uid in users.items()),
    }
    with accounts(folder, rows), new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


@contextlib.contextmanager
def sshd(folder: pathlib.Path, config: str) -> Iterator[None]:
    """The machine's own, by its own name, up and listening."""
    (folder / "config").write_text(config)
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "config")], stderr=log, start_new_session=True)
        try:
            wait_until(lambda: b"listening on" in (folder / "log").read_bytes())
            yield
        finally:
            private_bus.stop(process)


@pytest.fixture(scope="module")
def host(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("sshd")
    security = next(pathlib.Path("/usr/lib").glob("*/security/pam_unix.so")).parent
    shutil.copytree(security, folder / "security")
    shutil.copy(MODULE, folder / "security")
    port = free_port()
    for name in ("host_key", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    for path in (folder, *folder.parents):
        if path.is_relative_to("/tmp") and path != pathlib.Path("/tmp"):
            path.chmod(0o755)
    modules = bound(folder / "security", security)
    with services(folder, {}), modules, system_bus(house), sshd(folder, with_keys(port, folder)):
        yield Host(house, port, folder, security)


def with_keys(port: int, folder: pathlib.Path) -> str:
    return SSHD_CONFIG.format(port=port, folder=folder, keys=f"AuthorizedKeysFile {folder}/key.pub")


@pytest.fixture
def enabled(host: Host, person: Person) -> Iterator[Host]:
    """sshd asks Antara, and somebody is linked."""
    before = pathlib.Path("/etc/pam.d/sshd").read_bytes()
    host.house.ctl("service", "enable", "sshd")
    person.sign_in()
    host.house.ctl("link", "add", LINKED, "--email", person.email)
    yield host
    host.house.ctl("link", "remove", LINKED)
    host.house.ctl("service", "disable", "sshd")
    assert pathlib.Path("/etc/pam.d/sshd").read_bytes() == before


def test_an_approval_comes_in_without_a_password(enabled: Host, person: Person) -> None:
    prompts = Prompts(enabled.house, pathlib.Path("/"))
    client = enabled.ssh(LINKED, "keyboard-interactive")
    assert "Approved" in prompts.decide(person, prompts.code(client))
    client.sendline("")
    assert LINKED in ended(client) and client.exitstatus == 0


def test_the_password_comes_in_where_nobody_approves(enabled: Host) -> None:
    assert enabled.comes_in_by_password(LINKED, asked_before=True)


def test_an_sshd_without_its_prompt_takes_a_password_and_no_approval(enabled: Host, tmp_path: pathlib.Path) -> None:
    """Debian's own setting, as pam doctor's outage matrix says of it."""
    port = free_port()
    config = with_keys(port, enabled.folder).replace("KbdInteractiveAuthentication yes", "KbdInteractiveAuthentication no")
    with sshd(tmp_path, config.replace("PasswordAuthentication no", "PasswordAuthentication yes")):
        client = enabled.ssh(LINKED, "keyboard-interactive", port)
        assert "Permission denied" in ended(client) and client.exitstatus == 255
        client = enabled.ssh(LINKED, "password", port)
        client.expect_exact("password: ")
        client.sendline(SECRET)
        assert LINKED in ended(client) and client.exitstatus == 0


def test_who_has_no_link_is_refused_with_a_key_and_a_password(enabled: Host) -> None:
    assert enabled.comes_in_by_key(LINKED)
    assert not enabled.comes_in_by_key(UNLINKED)
    assert not enabled.comes_in_by_password(UNLINKED, asked_before=True)


def test_while_the_daemon_is_away_key_and_password_come_in(enabled: Host) -> None:
    """As pam doctor's outage matrix says."""
    enabled.house.stop()
    try:
        assert enabled.comes_in_by_password(LINKED, asked_before=False)
        assert enabled.comes_in_by_key(LINKED)
    finally:
        enabled.house.start()


def test_when_the_module_is_removed_key_and_password_come_in(enabled: Host) -> None:
    module = enabled.modules / "pam_antara.so"
    away = enabled.folder / "away.so"
    shutil.move(module, away)
    try:
        assert enabled.comes_in_by_password(UNLINKED, asked_before=False)
        assert enabled.comes_in_by_key(UNLINKED)
    finally:
        shutil.move(away, module)


def test_without_the_module_enable_refuses(host: Host) -> None:
    module = host.modules / "pam_antara.so"
    away = host.folder / "away.so"
    shutil.move(module, away)
    try:
        ran = host.house.ctl("service", "enable", "sshd", check=False)
        assert ran.returncode == 1 and "install libpam-antara" in ran.stderr
    finally:
        shutil.move(away, module)
