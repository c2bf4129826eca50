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
from outside import ALSO_HERE, BOX, ISSUER, SERVER
from story import PASSWORD, Story
from visit import (
    Visitor,
    comes_in_as_without_antara,
    comes_in_by_code,
    comes_in_unasked,
    is_in,
    is_refused_by_key,
    lines_in,
    note,
    prompted,
    reboot,
    sudo,
    sudo_by_password,
)

SECTIONS = guide.read()
LAST = SECTIONS[-1]
UPGRADE = next(number for number, section in enumerate(SECTIONS) if section.title.endswith("Upgrade"))
KNOWN_KEYS = "[service sshd]\\nreauthenticate_after = 28800\\n"
SSHD_KNOWS_KEYS = "Match User frank\\nAuthenticationMethods publickey,keyboard-interactive\\n"
COMMON = ("common-auth", "common-account")


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


@pytest.mark.parametrize("text", ["```bash\nid\n```", "```\nid\n```", "    id", "~~~sh\nid\n~~~", "```sh\nid", "See `antaractl\nservice list`."])
def test_a_command_that_nobody_would_run_is_refused(tmp_path: pathlib.Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"## 1. One\n\n{text}\n")
    with pytest.raises(AssertionError):
        guide.read(page)


def live(story: Story, section: guide.Section) -> None:
    for step in section.steps:
        story.do(step)
    story.settle()


@pytest.mark.parametrize("section", SECTIONS[:UPGRADE], ids=lambda section: section.title)
def test_the_page_says(story: Story, section: guide.Section) -> None:
    live(story, section)


def test_a_bad_certificate_fails_the_reload_and_the_old_one_stays(story: Story) -> None:
    """Also where only the daemon finds it, which says so in its unit's status."""
    box, place = story.host.box, story.host.root / "etc/antara/chain.pem"
    good = place.read_bytes()
    place.write_bytes(b"no certificate\n")
    refused = box.run("systemctl", "reload", "antarad.service", check=False)
    assert refused.returncode == 1 and "Job for antarad.service failed" in refused.stdout
    assert box.shown("antarad.service", "StatusText") == "Serving" and story.certificate_is_shown()
    box.run("systemctl", "kill", "--kill-who=main", "--signal=HUP", "antarad.service")
    wait_until(lambda: "Not reloaded: /etc/antara/chain.pem" in box.shown("antarad.service", "StatusText"))
    assert story.certificate_is_shown()
    place.write_bytes(good)
    box.run("systemctl", "reload", "antarad.service")
    wait_until(lambda: box.shown("antarad.service", "StatusText") == "Serving")


def test_a_key_is_known_for_a_while(story: Story) -> None:
    """Before what follows, which is to leave it so. A section of the configuration enables sshd from now on."""
    box = story.host.box
    story.host.ask("service", "disable", "sshd", "--no-pam-file")
    box.run("sh", "-c", f"printf '{SSHD_KNOWS_KEYS}' > /etc/ssh/sshd_config.d/frank.conf && systemctl reload ssh")
    box.run("sh", "-c", f"printf '{KNOWN_KEYS}' > /etc/antara/antarad.conf.d/known-keys.conf")
    story.host.restart()
    frank = Visitor(story, "frank")
    story.on_laptop(f"ssh frank@{SERVER}")
    assert frank.browser.approve(story.ssh.code()) == ""
    story.ssh.enter("")
    assert is_in(story.ssh, "frank")
    assert comes_in_unasked(story, "frank")


def kept(story: Story) -> list[object]:
    """What of the daemon's an upgrade is to leave as it is."""
    return [story.host.ask(*words.split()) for words in ("link list", "service list", "known-key list frank", f"session list {stories.EMAIL}")]


def test_the_page_upgrades(story: Story) -> None:
    before = kept(story)
    assert all(before)
    live(story, SECTIONS[UPGRADE])
    assert kept(story) == before


def test_after_the_upgrade_she_signs_in_as_before(story: Story) -> None:
    assert story.host.box.output("dpkg-query", "-W", "-f", "${Version} ", "antara", "libpam-antara").count("9:") == 2
    assert comes_in_unasked(story, "frank")
    assert comes_in_by_code(story, "alice", story.alice)
    assert "root" in sudo(story, "id -un").split()
    assert "root" in sudo(story, "-i id -un").split()


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
    before = kept(story)
    reboot(story)
    assert kept(story) == before
    assert comes_in_unasked(story, "frank")
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


def let_a_day_pass(story: Story, *edited: str) -> None:
    """By the note, while the lines are in these files."""
    began, until, *rest = note(story).read_text().split()
    note(story).write_text(" ".join([began, str(int(until) - 86_400_000_000), *rest]))
    assert all(lines_in(story, name) for name in edited)


def test_a_reboot_after_the_time_finds_the_lines_gone(story: Story) -> None:
    """Nobody was told to come in while they were there."""
    story.host.ask("service", "disable", "sshd")
    story.host.ask("service", "enable", "sshd", "--confirm-within", "5min")
    reboot(story, lambda: let_a_day_pass(story, "sshd"))
    assert not lines_in(story, "sshd") and not note(story).exists()
    assert story.host.box.output("systemctl", "--failed", "--no-legend") == ""
    assert comes_in_as_without_antara(story, "alice")
    story.host.ask("service", "enable", "sshd")
    assert comes_in_by_code(story, "alice", story.alice)


@pytest.fixture(scope="module")
def eve(story: Story) -> str:
    """Who was never linked."""
    stories.add_user(story.host, story.outside, "eve")
    return "eve"


def common(story: Story) -> list[str]:
    return [(story.host.root / "etc/pam.d" / name).read_text() for name in COMMON]


@pytest.fixture(scope="module")
def without_profile(story: Story) -> list[str]:
    """No service's own file asks Antara, and sshd and sudo are enabled; what all services include, as it was."""
    for service in ("sshd", "sudo", "sudo-i"):
        story.host.ask("service", "disable", service)
    for service in ("sshd", "sudo"):
        story.host.ask("service", "enable", service, "--no-pam-file")
    assert not any(lines_in(story, name) for name in ("sshd", "sudo", "sudo-i", *COMMON))
    return common(story)


def test_the_profile_that_nobody_confirms_is_taken_back_by_the_timer(story: Story, without_profile: list[str]) -> None:
    story.host.ask("service", "enable", "sshd", "--profile", "--confirm-within", "30s")
    assert all(lines_in(story, name) for name in COMMON)
    wait_until(lambda: common(story) == without_profile)
    wait_until(lambda: not note(story).exists())
    assert story.host.box.output("systemctl", "--failed", "--no-legend") == ""


def test_a_reboot_after_the_time_finds_the_profile_off(story: Story, without_profile: list[str]) -> None:
    story.host.ask("service", "enable", "sshd", "--profile", "--confirm-within", "5min")
    reboot(story, lambda: let_a_day_pass(story, *COMMON))
    assert common(story) == without_profile and not note(story).exists()
    assert story.host.box.output("sh", "-c", "ls /etc/pam.d | grep antara || true") == ""  # by pam-auth-update, not from the backup
    assert story.host.box.output("systemctl", "--failed", "--no-legend") == ""


def test_the_profile_asks_where_the_daemon_does(story: Story, without_profile: list[str], eve: str) -> None:
    story.host.ask("service", "enable", "sshd", "--profile", "--confirm-within", "10min")
    assert all(lines_in(story, name) for name in COMMON) and not lines_in(story, "sshd") and common(story) != without_profile
    refused = story.host.box.run("antaractl", "service", "enable", "sshd", check=False)
    assert refused.returncode == 1 and "Say --profile" in refused.stdout
    assert "by-profile" in story.host.box.output("antaractl", "pam", "doctor", "sshd")
    assert comes_in_by_code(story, "alice", story.alice)
    assert "root" in sudo(story, "id -un").split()
    sudo(story, "antaractl service confirm sshd")
    assert not note(story).exists()
    story.ssh.type(f"su {eve} -c 'id -un'")  # which is no service of the daemon's
    assert "Antara" not in story.ssh.ask("Password: ")
    story.ssh.type(PASSWORD)
    assert eve in story.ssh.finish().split()
    prompted(story, "alice")
    story.password_instead()
    assert is_in(story.ssh, "alice")


def test_the_profile_refuses_who_has_no_link_but_root(story: Story, eve: str) -> None:
    is_refused_by_key(story, eve)
    story.host.box.run("sh", "-c", "install -d -m 0700 /root/.ssh && cp ~alice/.ssh/authorized_keys /root/.ssh/")
    story.on_laptop(f"ssh -o PreferredAuthentications=publickey root@{SERVER}")
    story.ssh.arrive()
    assert is_in(story.ssh, "root")
    assert story.host.box.output("systemctl", "--failed", "--no-legend") == ""  # systemd-user includes the same files


@pytest.mark.parametrize("words", ["pam-auth-update --disable antara", "apt-get purge libpam-antara"])
def test_the_profile_leaves_nothing_behind(story: Story, without_profile: list[str], eve: str, words: str) -> None:
    story.on_server("apt install ./libpam-antara_*.deb && pam-auth-update --enable antara")
    assert common(story) != without_profile
    story.host.box.run(*words.split())
    assert common(story) == without_profile
    for user in (eve, "alice"):
        assert comes_in_as_without_antara(story, user)
    assert "root" in sudo_by_password(story, "id -un").split()
    story.on_server("apt install ./libpam-antara_*.deb")


def test_the_last_service_switches_the_profile_off(story: Story, without_profile: list[str]) -> None:
    story.host.ask("service", "enable", "sshd", "--profile")
    for words in ("sshd --profile", "sshd"):
        refused = story.host.box.run("antaractl", "service", "disable", *words.split(), check=False)
        assert refused.returncode == 1 and "a section of antarad.conf enables sshd" in refused.stdout
    assert story.host.ask("service", "disable", "sudo", "--profile") == {"name": "sudo", "profile": "stays on, for sshd"}
    assert all(lines_in(story, name) for name in COMMON)
    assert story.host.ask("service", "disable", "sshd", "--profile") == {"name": "sshd", "profile": "off"}
    assert common(story) == without_profile


@pytest.mark.parametrize("words", ["remove antara libpam-antara", "purge libpam-antara"])
def test_removed_without_a_word_before_nobody_is_locked_out(story: Story, eve: str, words: str) -> None:
    """The lines are there still, and name a module that isn't."""
    for service in ("sshd", "sudo", "sudo-i"):
        story.host.ask("service", "enable", service)
    story.host.box.run("apt-get", *words.split())
    assert all(lines_in(story, service) for service in ("sshd", "sudo", "sudo-i"))
    for user in (eve, "alice"):
        assert comes_in_as_without_antara(story, user)
    for command in ("id -un", "-i id -un"):
        assert "root" in sudo_by_password(story, command).split()
    story.on_server("apt install ./antara_*.deb ./libpam-antara_*.deb")
    assert comes_in_by_code(story, "alice", story.alice)
    assert "root" in sudo(story, "id -un").split()


def test_the_page_ends(story: Story) -> None:
    live(story, LAST)
    assert comes_in_as_without_antara(story, "alice")
    assert "root" in sudo_by_password(story, "id -un").split()
    left = story.host.box.output("sh", "-c", "find / -xdev -name '*antara*' -not -path '/root/*' -not -path '/var/cache/*' -not -path '/proc/*'")
    assert left == ""
