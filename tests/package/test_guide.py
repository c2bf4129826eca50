# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/admin.md says, typed on a bare Debian under real systemd; and ssh from another machine, before and after what may happen to a host."""

import contextlib
import pathlib
import subprocess
from collections.abc import Callable, Iterator

import guide
import outside as outsides
import packages
import private_bus
import pytest
import story as stories
from host import Host, wait_until
from outside import ALSO_HERE, BOX, HERE, ISSUER, SERVER, Browser, Outside
from story import PASSWORD, Story, Terminal

SECTIONS = guide.read()
LAST = SECTIONS[-1]


@contextlib.contextmanager
def names(folder: pathlib.Path) -> Iterator[None]:
    """As the machine outside resolves them."""
    hosts, place = folder / "hosts", pathlib.Path("/etc/hosts")
    hosts.write_text(f"{place.read_text()}\n{BOX} {ISSUER} {SERVER}\n")
    private_bus.bind(hosts, place)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture(scope="module")
def story(debian: pathlib.Path, folder: pathlib.Path) -> Iterator[Story]:
    with contextlib.ExitStack() as stack:
        outside = stack.enter_context(outsides.outside(folder / "outside"))
        root = stack.enter_context(packages.layered(debian, folder / "guided"))
        stories.prepare(root, outside)
        host = Host(root, folder / "guided.log")
        stack.callback(lambda: host.stop())
        outside.connect(host.box)
        host.box.run("update-ca-certificates")
        told = Story(host, outside)
        stack.callback(told.hang_up)
        stories.add_user(told.host, outside, "alice", "--groups=sudo")
        stack.enter_context(names(outside.folder))
        stack.enter_context(outside.mail_server())
        yield told


@pytest.mark.parametrize("text", ["```bash\nid\n```", "```\nid\n```", "    id", "~~~sh\nid\n~~~", "```sh\nid"])
def test_a_command_that_nobody_would_run_is_refused(tmp_path: pathlib.Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"## 1. One\n\n{text}\n")
    with pytest.raises(AssertionError):
        guide.read(page)


@pytest.mark.parametrize("section", SECTIONS[:-1], ids=lambda section: section.title)
def test_the_page_says(story: Story, section: guide.Section) -> None:
    for step in section.steps:
        story.do(step)
    story.settle()


class Visitor:
    """A local user who is linked, with a browser outside that is signed in."""

    def __init__(self, story: Story, name: str) -> None:
        self.story, self.name, self.email = story, name, f"{name}@example.org"
        stories.add_user(story.host, story.outside, name)
        story.host.ask("account", "add", self.email)
        story.host.ask("link", "add", name, "--email", self.email, "--service", "sshd")
        self.browser = self.browser_at(HERE)

    def browser_at(self, address: str) -> Browser:
        browser = Browser(self.story.outside, self.email, address)
        browser.sign_in()
        return browser


def prompted(story: Story, user: str) -> Terminal:
    story.on_laptop(f"ssh -o PubkeyAuthentication=no {user}@{SERVER}")
    return story.ssh


def is_in(terminal: Terminal, user: str) -> bool:
    return user in terminal.run("id -un").split()


def comes_in_by_code(story: Story, user: str, browser: Browser) -> bool:
    terminal = prompted(story, user)
    terminal.ask("ne-time code: ")  # who asked three times in ten minutes is asked for nothing else
    terminal.enter(browser.one_time("sshd"))
    return is_in(terminal, user)


def comes_in_as_without_antara(story: Story, user: str) -> bool:
    """By password and by key, and nothing of Antara is shown."""
    terminal = prompted(story, user)
    shown = terminal.ask("assword: ")  # of PAM or of sshd itself
    terminal.enter(PASSWORD)
    by_password = is_in(terminal, user)
    story.on_laptop(f"ssh -o PreferredAuthentications=publickey {user}@{SERVER}")
    story.ssh.arrive()
    return by_password and is_in(story.ssh, user) and "Antara" not in shown


def reboot(story: Story, meanwhile: Callable[[], None] = lambda: None) -> None:
    story.hang_up()
    story.host.stop()
    meanwhile()
    story.host.boot()
    story.outside.connect(story.host.box)


def lines_in(story: Story, service: str) -> bool:
    return "pam_antara.so" in (story.host.root / "etc/pam.d" / service).read_text()


def note(story: Story) -> pathlib.Path:
    return story.host.root / "var/lib/antaractl/sshd.pending"


def sudo(story: Story, command: str) -> str:
    """Alice's, by a one-time code."""
    story.ssh.type(f"sudo -k {command}")
    story.ssh.ask(stories.SUDO)
    story.ssh.type(story.alice.one_time("sudo"))
    return story.ssh.finish()


def test_after_the_upgrade_she_signs_in_as_before(story: Story) -> None:
    assert story.host.box.output("dpkg-query", "-W", "-f", "${Version} ", "antara", "libpam-antara").count("9:") == 2
    assert comes_in_by_code(story, "alice", story.alice)
    assert "root" in sudo(story, "id -un").split()


def test_who_is_no_administrator_presses_enter(story: Story) -> None:
    bob = Visitor(story, "bob")
    terminal = prompted(story, "bob")
    assert bob.browser.approve(terminal.code()) == ""
    terminal.enter("")
    assert is_in(terminal, "bob")


def test_approved_from_another_address_the_number_is_asked_for(story: Story) -> None:
    carol = Visitor(story, "carol")
    elsewhere = carol.browser_at(ALSO_HERE)
    terminal = prompted(story, "carol")
    number = elsewhere.approve(terminal.code())
    terminal.type(f"{(int(number) + 1) % 100:02}")
    terminal.ask("Password: ")  # it was the one try
    terminal = prompted(story, "carol")
    terminal.enter(elsewhere.approve(terminal.code()))
    assert is_in(terminal, "carol")


def test_after_a_reboot_everybody_signs_in_as_before(story: Story) -> None:
    dave = Visitor(story, "dave")
    reboot(story)
    terminal = prompted(story, "dave")
    assert dave.browser.approve(terminal.code()) == ""
    terminal.enter("")
    assert is_in(terminal, "dave")
    assert comes_in_by_code(story, "alice", story.alice)
    assert "root" in sudo(story, "id -un").split()
    assert story.host.box.output("systemctl", "--failed", "--no-legend") == ""


def test_what_nobody_confirms_is_taken_back_by_the_timer(story: Story) -> None:
    story.host.ask("service", "disable", "sshd")
    story.host.ask("service", "enable", "sshd", "--confirm-within", "30s")
    assert lines_in(story, "sshd") and note(story).exists()
    wait_until(lambda: not lines_in(story, "sshd"))
    wait_until(lambda: not note(story).exists())
    assert comes_in_as_without_antara(story, "alice")


def test_a_reboot_within_the_time_leaves_what_is_left_of_it(story: Story) -> None:
    """And then a new sign-in confirms it for good."""
    story.host.ask("service", "enable", "sshd", "--confirm-within", "10min")
    reboot(story)
    assert lines_in(story, "sshd") and note(story).exists()
    assert story.host.box.output("systemctl", "is-active", "antara-revert-sshd.timer") == "active"
    assert comes_in_by_code(story, "alice", story.alice)
    sudo(story, "antaractl service confirm sshd")
    assert not note(story).exists()
    assert story.host.box.run("systemctl", "is-active", "antara-revert-sshd.timer", check=False).stdout.strip() == "inactive"
    story.host.box.run("systemctl", "start", "antara-revert.service")
    assert lines_in(story, "sshd")


def test_a_reboot_after_the_time_finds_the_lines_gone(story: Story) -> None:
    """Nobody was told to come in while they were there."""

    def a_day_passes() -> None:
        edited, until, *rest = note(story).read_text().split()
        note(story).write_text(" ".join([edited, str(int(until) - 86_400_000_000), *rest]))
        assert lines_in(story, "sshd")

    story.host.ask("service", "disable", "sshd")
    story.host.ask("service", "enable", "sshd", "--confirm-within", "5min")
    reboot(story, a_day_passes)
    assert not lines_in(story, "sshd") and not note(story).exists()
    assert story.host.box.output("systemctl", "--failed", "--no-legend") == ""
    assert comes_in_as_without_antara(story, "alice")
    story.host.ask("service", "enable", "sshd")
    assert comes_in_by_code(story, "alice", story.alice)


def test_removed_without_a_word_before_nobody_is_locked_out(story: Story) -> None:
    """The lines are there still, and name a module that isn't; also for who was never linked."""
    stories.add_user(story.host, story.outside, "eve")
    story.host.box.run("apt-get", "remove", "antara", "libpam-antara")
    assert lines_in(story, "sshd") and lines_in(story, "sudo")
    for user in ("alice", "eve"):
        assert comes_in_as_without_antara(story, user)
    story.on_server("apt install ./antara_*.deb ./libpam-antara_*.deb")
    assert comes_in_by_code(story, "alice", story.alice)


def test_the_page_ends(story: Story) -> None:
    for step in LAST.steps:
        story.do(step)
    assert comes_in_as_without_antara(story, "alice")
    story.ssh.type("sudo -k id -un")
    story.ssh.ask(stories.SUDO)
    story.ssh.type(PASSWORD)
    assert "root" in story.ssh.finish().split()
    left = story.host.box.output("sh", "-c", "find / -xdev -name '*antara*' -not -path '/root/*' -not -path '/var/cache/*' -not -path '/proc/*'")
    assert left == ""
