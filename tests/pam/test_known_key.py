# SPDX-License-Identifier: GPL-3.0-or-later
"""[service sshd] reauthenticate_after: with the real sshd, which says to the module which key it has just accepted."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import later as laters
import pexpect
import private_bus
import pytest
from bus_caller import bus_caller
from conftest import MODULE, PROMPT, Prompts, ended
from house import Forms, House, Person, free_port, new_house, wait_until
from real_host import USER, accounts, services, system_bus

LASTS = 1800
SSHD_CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PubkeyAuthentication yes
AuthenticationMethods publickey,keyboard-interactive
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
LogLevel VERBOSE
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[laters.Later]:
    with laters.clock_of_its_own(tmp_path_factory.mktemp("clock")) as later:
        yield later


@pytest.fixture(scope="module")
def house(clock: laters.Later, bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with accounts(tmp_path_factory.mktemp("accounts")):
        settings = f"[service sshd]\nreauthenticate_after = {LASTS}\n"
        with new_house(tmp_path_factory.mktemp("house"), bus, services=settings) as running:
            yield running


class Sshd:
    """A server that lets in whoever has one of its keys, and whom pam_antara lets in."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.keys = 0

    def key(self) -> tuple[pathlib.Path, str]:
        """One that nobody had before, and its fingerprint."""
        path = self.folder / f"key{self.keys}"
        self.keys += 1
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
        with (self.folder / "authorized_keys").open("a") as file:
            file.write(path.with_suffix(".pub").read_text())
        shown = subprocess.run(["ssh-keygen", "-l", "-f", str(path)], check=True, capture_output=True, text=True).stdout
        return path, shown.split()[1]

    def ssh(self, key: pathlib.Path) -> "pexpect.spawn[str]":
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes", f"IdentityFile={key}", "LogLevel=ERROR"]
        words = [word for option in options for word in ("-o", option)]
        command = "id -un; echo method=$ANTARA_AUTH_METHOD event=$ANTARA_EVENT."
        return pexpect.spawn(
            "ssh",
            ["-F", "none", *words, "-p", str(self.port), f"{USER}@127.0.0.1", command],
            env={**os.environ, "LC_ALL": "C.UTF-8", "SSH_AUTH_SOCK": ""},
            timeout=30,
            encoding="utf-8",
            dimensions=(60, 200),
        )


@pytest.fixture(scope="module")
def sshd(house: House) -> Iterator[Sshd]:
    """The keys lie where the user can read them, as sshd does."""
    server = Sshd(pathlib.Path(tempfile.mkdtemp(prefix="antara-sshd-")))
    folder = server.folder
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    phases = "".join(f"{phase} required {MODULE}\n" for phase in ("auth", "account"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")], check=True)
    (folder / "authorized_keys").touch()
    (folder / "config").write_text(SSHD_CONFIG.format(port=server.port, folder=folder))
    folder.chmod(0o755)
    with services(folder, {"sshd": phases + "session required pam_permit.so\n"}), system_bus(house), open(folder / "log", "wb") as log:
        process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "config")], stderr=log, start_new_session=True)
        wait_until(lambda: b"listening on" in (folder / "log").read_bytes())
        yield server
        private_bus.stop(process)
    shutil.rmtree(folder)


@pytest.fixture
def linked(house: House, person: Person) -> Iterator[Person]:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email)
    yield person
    house.ctl("link", "remove", USER, check=False)


def approve(house: House, sshd: Sshd, person: Person, key: pathlib.Path) -> str:
    """Lets the key in by the page; gives the page."""
    prompts = Prompts(house, pathlib.Path("/"))
    client = sshd.ssh(key)
    page = person.submit(person.get("/d"), user_code=prompts.code(client))
    assert "Approved" in person.submit(page, button="approve").text
    client.sendline("")
    text = ended(client)
    assert USER in text and "method=device" in text and client.exitstatus == 0
    return page.text


def is_let_in(sshd: Sshd, key: pathlib.Path) -> str | None:
    """What the session says, when nobody was asked; None at a prompt."""
    client = sshd.ssh(key)
    if client.expect_exact([PROMPT, "method=key"]) == 0:
        client.close(force=True)
        return None
    text = "method=key" + ended(client)
    assert client.exitstatus == 0
    return text


def end_forms(person: Person) -> list[dict[str, str]]:
    return [values for action, values in Forms(person.get("/me").text).forms if action == "/me/end-key"]


def test_the_same_key_is_let_in_without_a_prompt_and_another_is_asked(house: House, sshd: Sshd, linked: Person) -> None:
    key, shown = sshd.key()
    other, _ = sshd.key()
    assert is_let_in(sshd, key) is None
    page = approve(house, sshd, linked, key)
    assert f"the ssh key {shown} signs in here as {USER} without being asked again" in page.replace("&#43;", "+").replace("&#x2B;", "+")
    text = is_let_in(sshd, key)
    assert text
    event = json.loads(house.ctl("explain", text.split("event=")[1].split(".")[0]).stdout)
    assert event["outcome"] == "granted" and f"sshd {USER}, by {shown}, approved in " in event["detail"]
    assert is_let_in(sshd, other) is None
    assert is_let_in(sshd, key)


def test_a_link_that_goes_ends_it(house: House, sshd: Sshd, linked: Person) -> None:
    key, _ = sshd.key()
    approve(house, sshd, linked, key)
    assert is_let_in(sshd, key)
    house.ctl("link", "remove", USER)
    assert is_let_in(sshd, key) is None
    house.ctl("link", "add", USER, "--email", linked.email)
    assert is_let_in(sshd, key) is None


def test_its_person_sees_and_ends_it_on_the_dashboard(house: House, sshd: Sshd, linked: Person) -> None:
    key, shown = sshd.key()
    approve(house, sshd, linked, key)
    page = linked.get("/me").text
    assert f"By ssh as {USER}, until 20" in page and shown in page.replace("&#43;", "+").replace("&#x2B;", "+")
    (form,) = end_forms(linked)
    assert linked.post("/me/end-key", {**form, "form_token": "x" * 43}).status_code == 403
    stranger = Person(house, "stranger." + linked.email)
    stranger.sign_in()
    assert not end_forms(stranger)
    stranger_token = next(values["form_token"] for _, values in Forms(stranger.get("/me").text).forms if "form_token" in values)
    stranger.post("/me/end-key", {**form, "form_token": stranger_token})
    assert is_let_in(sshd, key)
    assert "/me/end-key" not in linked.post("/me/end-key", form).text
    assert is_let_in(sshd, key) is None


def test_signing_out_where_it_was_approved_ends_it(house: House, sshd: Sshd, linked: Person) -> None:
    key, _ = sshd.key()
    approve(house, sshd, linked, key)
    assert is_let_in(sshd, key)
    form = next(values for action, values in Forms(linked.get("/me").text).forms if action == "/me/sign-out")
    linked.post("/me/sign-out", form)
    assert is_let_in(sshd, key) is None


def test_an_administrator_lists_and_ends_them(house: House, sshd: Sshd, linked: Person) -> None:
    key, shown = sshd.key()
    approve(house, sshd, linked, key)
    (row,) = json.loads(house.ctl("known-key", "list", USER).stdout)
    assert row["key"] == shown and row["service"] == "sshd" and row["local_user"] == USER
    assert json.loads(house.ctl("explain", row["event"]).stdout)["outcome"] == "granted"
    house.ctl("known-key", "end", USER)
    assert json.loads(house.ctl("known-key", "list", USER).stdout) == []
    assert house.ctl("known-key", "end", USER, check=False).returncode != 0
    assert is_let_in(sshd, key) is None


def test_it_is_over_when_its_time_is(house: House, sshd: Sshd, clock: laters.Later, linked: Person) -> None:
    key, _ = sshd.key()
    approve(house, sshd, linked, key)
    clock.go_on(LASTS - 60)
    assert is_let_in(sshd, key)
    clock.go_on(61)
    assert is_let_in(sshd, key) is None


def test_only_root_at_sshd_can_say_which_key_it_was(house: House, sshd: Sshd, linked: Person) -> None:
    """By the bus alone: a key that is cut or has company is none, nor is one that another service names."""
    key, _ = sshd.key()
    approve(house, sshd, linked, key)
    line = "publickey " + " ".join(key.with_suffix(".pub").read_text().split()[:2]) + "\n"
    with bus_caller(house.address, "root") as root:
        assert root.open("sshd", USER, auth_info=line)["state"] == "wait"
        for text in (line * 2, line + "x" * 5000, line + "password\n", "password\n", line.replace("publickey", "hostbased")):
            assert root.open("sshd", USER, auth_info=text, rhost="192.0.2.7")["state"] == "ask"
        assert root.open("sshd", USER, auth_info=line, privileged=True)["state"] == "ask"
        assert root.open("sshd", "daemon", auth_info=line)["state"] == "ask"
        opened = root.open("sshd", USER, auth_info=line)
        assert opened["prompt"] == opened["info"] == "" and opened["environment"] == {}
        ended_by = root.respond(opened["conversation"], "")
        assert ended_by["state"] == "approved" and ended_by["environment"]["ANTARA_AUTH_METHOD"] == "key"
