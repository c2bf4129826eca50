# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl service enable, disable, confirm: on a tree of its own, with the real daemon, and a systemd that notes what it is asked."""

import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from house import ANTARACTL, House, wait_until
from service_trees import answering, at_boot, confirm_from, ctl, enabled, files, let_pass, note_of, notes_of


# In the daemon's place, refuses to enable, after somebody has changed the file that was just edited.
MEDDLER = """
import sys, dbus.bus, dbus.service, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
class Manager(dbus.service.Object):
    @dbus.service.method("org.antara1.Manager", in_signature="ss")
    def EnableService(self, tenant, name):
        with open(sys.argv[2], "a") as file:
            file.write(sys.argv[3])
        raise dbus.DBusException("not today", name="org.antara1.Error.Failed")
bus = dbus.bus.BusConnection(sys.argv[1])
bus.request_name("org.antara1")
Manager(bus, "/org/antara1")
print("ready", flush=True)
GLib.MainLoop().run()
"""


@pytest.mark.parametrize("service", ["sshd", "sudo", "login", "su"])
def test_enable_and_disable_leave_each_file_as_it_was(house: House, tree: pathlib.Path, service: str) -> None:
    before = files(tree)
    ran = ctl(house, tree, "enable", service)
    assert ran.returncode == 0, ran.stderr
    during = files(tree)
    assert during.pop(f"{service}.antara-backup") == before[service]
    assert b"pam_antara.so" in during[service]
    assert {name for name in during if during[name] != before[name]} == {service}
    assert service in enabled(house)
    assert ctl(house, tree, "enable", service).returncode == 0  # once more changes nothing
    assert ctl(house, tree, "disable", service).returncode == 0
    assert files(tree) == before
    assert service not in enabled(house)


def test_an_sshd_that_shows_no_prompt_is_told(house: House, tree: pathlib.Path) -> None:
    """Debian's own setting."""
    assert "sshd" not in json.loads(ctl(house, tree, "enable", "sshd").stdout)
    (tree / "etc/ssh/sshd_config").write_text("KbdInteractiveAuthentication no\nUsePAM yes\n")
    assert "shows no prompt" in json.loads(ctl(house, tree, "enable", "sshd").stdout)["sshd"]
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_a_service_that_the_daemon_refuses_keeps_its_file(house: House, tree: pathlib.Path) -> None:
    shutil.copy(tree / "etc/pam.d/sudo", tree / "etc/pam.d/demo@1")  # no name for the daemon
    before = files(tree)
    ran = ctl(house, tree, "enable", "demo@1")
    assert ran.returncode == 1 and "is as it was" in ran.stderr
    assert files(tree) == before


def test_without_the_daemon_nothing_is_changed(house: House, tree: pathlib.Path) -> None:
    before = files(tree)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    command = [str(ANTARACTL), "service", "enable", "sshd", "--root", str(tree)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "bus can't be reached" in ran.stderr
    assert files(tree) == before


def test_disable_mends_the_file_while_the_daemon_is_away(house: House, tree: pathlib.Path) -> None:
    before = files(tree)
    assert ctl(house, tree, "enable", "sshd").returncode == 0
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    command = [str(ANTARACTL), "service", "disable", "sshd", "--root", str(tree)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "the daemon wasn't told" in ran.stderr
    assert files(tree) == before
    assert ctl(house, tree, "disable", "sshd").returncode == 0


@pytest.mark.parametrize("service", ["cron", "atd", "systemd-user", "common-auth", "other", "../../etc/passwd"])
def test_what_is_no_service_of_people_is_refused(house: House, tree: pathlib.Path, service: str) -> None:
    before = files(tree)
    for words in (("enable", service), ("enable", service, "--no-pam-file")):
        assert ctl(house, tree, *words).returncode == 1
    assert files(tree) == before and service not in enabled(house)


def test_a_full_disk_changes_nothing(house: House, tree: pathlib.Path) -> None:
    folder = tree / "etc/pam.d"
    small = tree / "small"
    shutil.copytree(folder, small)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    try:
        shutil.copytree(small, folder, dirs_exist_ok=True)
        with open(folder / "full", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        before = files(tree)
        ran = ctl(house, tree, "enable", "sshd")
        assert ran.returncode == 1 and "No space left" in ran.stderr
        assert files(tree) == before and "sshd" not in enabled(house)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_two_files_share_one_service_of_the_daemon(house: House, tree: pathlib.Path) -> None:
    assert "sudo-i" in json.loads(ctl(house, tree, "enable", "sudo").stdout)["also"]
    assert ctl(house, tree, "enable", "sudo-i").returncode == 0
    assert ctl(house, tree, "disable", "sudo-i").returncode == 0
    assert "sudo" in enabled(house)
    assert ctl(house, tree, "disable", "sudo").returncode == 0
    assert "sudo" not in enabled(house)


def test_without_systemd_a_change_that_waits_is_refused(house: House, tree: pathlib.Path) -> None:
    before = files(tree)
    ran = ctl(house, tree, "enable", "sshd", "--confirm-within", "5min")
    assert ran.returncode == 1 and "needs a running systemd" in ran.stderr
    assert files(tree) == before and "sshd" not in enabled(house)


@pytest.mark.parametrize("within", ["5", "1s", "2d", "soon"])
def test_a_time_that_is_no_time_is_refused(house: House, tree: pathlib.Path, within: str) -> None:
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", within).returncode in (1, 2)
    assert "sshd.antara-backup" not in files(tree)


def test_what_nobody_confirms_is_taken_back(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(tree)
    ran = ctl(house, tree, "enable", "sshd", "--confirm-within", "5min")
    assert ran.returncode == 0, ran.stderr
    (started,) = notes_of(systemd)
    assert started[:3] == ["start", "antara-revert-sshd.timer", "fail"]
    assert started[3] == {
        "Description": "Takes Antara's lines out of a PAM file unless they are confirmed",
        "TimersMonotonic": [["OnActiveSec", 300_000_000]],
        "AccuracyUSec": 1_000_000,
        "RemainAfterElapse": 0,
    }
    ((unit, properties),) = started[4]  # type: ignore[misc]
    assert unit == "antara-revert-sshd.service" and properties["Type"] == "oneshot"
    ((program, words, _),) = properties["ExecStart"]
    assert "waits for its confirmation" in ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").stderr
    with open(tree / "etc/pam.d/sshd", "a") as file:  # even lines that were spoilt by hand meanwhile
        file.write("auth required pam_antara.so\n")
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    subprocess.run([program, *words[1:]], env=environment, check=True)
    (tree / "etc/pam.d/sshd.antara-replaced").unlink()  # as it was
    assert files(tree) == before
    assert ctl(house, tree, "disable", "sshd").returncode == 0
    assert ctl(house, tree, "confirm", "sshd").returncode == 1


def test_at_a_boot_goes_what_nobody_confirmed_in_its_time(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(tree)
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    let_pass(tree, 301)
    assert at_boot(house, tree) == [{"name": "sshd", "lines": "taken out"}]
    assert files(tree) == before and not note_of(tree).exists()
    assert at_boot(house, tree) == []
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_at_a_boot_a_timer_is_set_for_the_time_that_is_left(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    during = files(tree)
    assert at_boot(house, tree) == []  # the timer of before is there still
    subprocess.run(
        ["busctl", f"--address={house.address}", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1"]
        + ["org.freedesktop.systemd1.Manager", "StopUnit", "ss", "antara-revert-sshd.timer", "replace"],
        check=True,
    )
    let_pass(tree, 200)
    assert at_boot(house, tree) == [] and files(tree) == during
    first, stopped, again = notes_of(systemd)
    assert stopped[0] == "stop" and again[1] == first[1] and again[4] == first[4]
    ((_, left),) = again[3]["TimersMonotonic"]  # type: ignore[call-overload]
    assert 60_000_000 < left <= 100_000_000
    assert confirm_from(house, tree, "sshd", "sshd").returncode == 0
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_at_a_boot_without_a_timer_the_lines_go(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(tree)
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tree}/nowhere"}
    subprocess.run([str(ANTARACTL), "service", "revert", "--root", str(tree)], env=environment, check=True)
    assert files(tree) == before and not note_of(tree).exists()
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_what_was_confirmed_is_taken_back_by_no_timer_and_no_boot(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    assert confirm_from(house, tree, "sshd", "sshd").returncode == 0
    during = files(tree)
    assert ctl(house, tree, "revert", "sshd").returncode == 0
    assert at_boot(house, tree) == [] and files(tree) == during
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0  # the lines are there: nothing to guard
    assert not note_of(tree).exists() and [note[0] for note in notes_of(systemd)] == ["start", "stop"]
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_a_confirmation_that_comes_first_is_what_counts(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    """The timer has begun, and waits for who is confirming."""
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    during = files(tree)
    command = [str(ANTARACTL), "service", "revert", "sshd", "--root", str(tree)]
    with open(tree / "run/antaractl/lock", "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(command) as timer:
            wait_until(lambda: re.search(rf"-> FLOCK .* {timer.pid} ", pathlib.Path("/proc/locks").read_text()))
            note_of(tree).unlink()
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert timer.wait(30) == 0
    assert files(tree) == during
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_a_file_that_is_gone_leaves_no_note(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    (tree / "etc/pam.d/sshd").unlink()
    assert ctl(house, tree, "revert", "sshd").returncode == 0
    assert not note_of(tree).exists()
    assert ctl(house, tree, "disable", "sshd", "--no-pam-file").returncode == 0


@pytest.mark.parametrize("meddling", ["", "session optional pam_meddled.so\n"])
def test_taking_back_spares_what_was_written_in_between(house: House, tree: pathlib.Path, systemd: pathlib.Path, meddling: str) -> None:
    before = files(tree)
    path = tree / "etc/pam.d/sshd"
    house.stop()
    try:
        with answering(MEDDLER, tree / "meddler", house.address, str(path), meddling):
            ran = ctl(house, tree, "enable", "sshd", "--confirm-within", "5min")
    finally:
        house.start()
    assert ran.returncode == 1 and "not today" in ran.stderr
    stays = [note[0] for note in notes_of(systemd)] == ["start"] and note_of(tree).exists()
    if not meddling:
        assert "sshd is as it was" in ran.stderr and files(tree) == before and not stays
        return
    assert "changed by somebody else" in ran.stderr and "antaractl service disable sshd" in ran.stderr
    assert path.read_text().endswith(meddling) and "pam_antara.so" in path.read_text()
    assert stays  # and what nobody mends is mended in its time
    assert ctl(house, tree, "revert", "sshd").returncode == 0
    assert files(tree) == {**before, "sshd": before["sshd"] + meddling.encode()}


def test_where_the_lines_were_touched_what_others_wrote_is_kept_beside(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(tree)
    path = tree / "etc/pam.d/sshd"
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "5min").returncode == 0
    touched = path.read_text().replace("pam_antara.so", "pam_antara.so debug", 1) + "session optional pam_meddled.so\n"
    path.write_text(touched)
    let_pass(tree, 301)
    assert at_boot(house, tree) == [{"name": "sshd", "lines": "taken out", "file_before": f"{path}.antara-replaced"}]
    kept = files(tree).pop("sshd.antara-replaced")
    assert kept == touched.encode() and files(tree) == {**before, "sshd.antara-replaced": kept}
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_only_a_new_login_confirms(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    assert "Nothing of sshd waits" in confirm_from(house, tree, "sshd", "sshd").stderr
    assert ctl(house, tree, "enable", "sshd", "--confirm-within", "1h").returncode == 0
    assert "older than the change" in ctl(house, tree, "confirm", "sshd").stderr
    assert "older than the change" in confirm_from(house, tree, "sudo", "sshd").stderr
    ran = confirm_from(house, tree, "sshd", "sshd")
    assert ran.returncode == 0, ran.stderr
    assert [note[0] for note in notes_of(systemd)] == ["start", "stop"]
    assert b"pam_antara.so" in files(tree)["sshd"] and "sshd" in enabled(house)
    assert ctl(house, tree, "disable", "sshd").returncode == 0


def test_a_refused_change_leaves_no_timer(house: House, tree: pathlib.Path, systemd: pathlib.Path) -> None:
    shutil.copy(tree / "etc/pam.d/sudo", tree / "etc/pam.d/demo@1")
    assert ctl(house, tree, "enable", "demo@1", "--confirm-within", "5min").returncode == 1
    assert [note[:2] for note in notes_of(systemd)] == [["start", "antara-revert-demo_1.timer"], ["stop", "antara-revert-demo_1.timer"]]
