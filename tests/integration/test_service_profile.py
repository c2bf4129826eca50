# SPDX-License-Identifier: GPL-3.0-or-later
"""antaractl service enable --profile: Debian's own pam-auth-update, on a tree of its own."""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from house import ANTARACTL, House, wait_until
from profile_trees import HOUR, SHARED, lines_in, refused, update
from service_trees import at_boot, ctl, enabled, files, let_pass, notes_of


def without_backups(tree: pathlib.Path) -> dict[str, bytes]:
    return {name: text for name, text in files(tree).items() if not name.endswith(".antara-backup")}


def test_enable_and_disable_leave_each_file_as_it_was(house: House, host: pathlib.Path) -> None:
    before = files(host)
    ran = ctl(house, host, "enable", "sshd", "--profile")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["file"] == f"{host}/etc/pam.d/common-auth" and told["asks_at"] == "sshd"
    assert lines_in(host) == [True, True] and "sshd" in enabled(house)
    assert [files(host)[f"{name}.antara-backup"] for name in SHARED] == [before[name] for name in SHARED]
    assert {name for name, text in without_backups(host).items() if text != before[name]} == set(SHARED)
    assert [path.name for path in (host / "run/antaractl").iterdir()] == ["lock"]
    doctor = house.ctl("pam", "doctor", "--root", str(host), "--json").stdout
    assert "by-profile" in doctor and '"trap"' not in doctor
    ran = ctl(house, host, "disable", "sshd", "--profile")
    assert ran.returncode == 0 and json.loads(ran.stdout)["profile"] == "off", ran.stderr
    assert files(host) == before and "sshd" not in enabled(house)


def test_the_last_service_switches_it_off(house: House, host: pathlib.Path) -> None:
    before = files(host)
    assert ctl(house, host, "enable", "sudo", "--no-pam-file").returncode == 0
    assert ctl(house, host, "enable", "sshd", "--profile").returncode == 0
    assert "asks Antara already, not by antaractl's lines. Say --profile" in ctl(house, host, "enable", "sshd").stderr
    ran = ctl(house, host, "enable", "login", "--profile")  # it is on already
    assert ran.returncode == 0 and {"login", "sshd", "sudo"} <= enabled(house), ran.stderr
    assert set(json.loads(ran.stdout)["asks_at"].split(", ")) == {"login", "sshd", "sudo", "sudo-i"}
    assert ctl(house, host, "disable", "login", "--profile").returncode == 0
    assert ctl(house, host, "disable", "sudo").returncode == 0 and "sudo" not in enabled(house)  # though sudo-i comes to Antara still
    assert ctl(house, host, "enable", "sudo", "--no-pam-file").returncode == 0
    ran = ctl(house, host, "disable", "sshd", "--profile")
    assert json.loads(ran.stdout)["profile"] == "stays on, for sudo"
    assert "sshd" not in enabled(house) and lines_in(host) == [True, True]
    ran = ctl(house, host, "disable", "sudo-i", "--profile")  # the other file of that service
    assert json.loads(ran.stdout)["profile"] == "off" and "sudo" not in enabled(house)
    assert files(host) == before


def test_without_the_daemon_it_stays_as_it_is(house: House, host: pathlib.Path) -> None:
    assert ctl(house, host, "enable", "sshd", "--profile").returncode == 0
    during = files(host)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={host}/nowhere"}
    for verb in ("enable", "disable"):
        command = [str(ANTARACTL), "service", verb, "sshd", "--profile", "--root", str(host)]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
        assert ran.returncode == 1 and files(host) == during
    assert "pam-auth-update --disable antara" in ran.stderr
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0


def test_a_service_that_the_daemon_refuses_leaves_it_off(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    shutil.copy(host / "etc/pam.d/sudo", host / "etc/pam.d/demo@1")
    assert "The profile is off, as it was." in refused(house, host, "demo@1", "--profile", *HOUR)
    assert [note[0] for note in notes_of(systemd)] == ["start", "stop"]
    assert not (host / "var/lib/antaractl/demo@1.pending").exists()


def test_lines_of_a_services_own_come_out_first(house: House, host: pathlib.Path) -> None:
    assert ctl(house, host, "enable", "sudo").returncode == 0
    assert "antaractl service disable sudo" in refused(house, host, "sshd", "--profile")
    assert ctl(house, host, "disable", "sudo").returncode == 0


def test_a_service_that_it_would_not_reach_is_told(house: House, host: pathlib.Path) -> None:
    (host / "etc/pam.d/sshd").write_text("auth required pam_unix.so\naccount required pam_unix.so\n")
    assert "does not reach it: antaractl service enable sshd" in refused(house, host, "sshd", "--profile")
    for half in ("auth required pam_unix.so\n@include common-account\n", "@include common-auth\naccount required pam_unix.so\n"):
        (host / "etc/pam.d/sshd").write_text(half)
        assert "does not reach it: antaractl service enable sshd" in refused(house, host, "sshd", "--profile")
    assert ctl(house, host, "enable", "login", "--profile").returncode == 0
    (host / "etc/pam.d/sshd").write_text("auth required pam_unix.so\naccount required pam_unix.so\n")
    ran = ctl(house, host, "enable", "sshd")  # as it was told to
    assert ran.returncode == 0, ran.stderr
    assert "by lines of its own" in ctl(house, host, "disable", "sshd", "--profile").stderr
    assert ctl(house, host, "disable", "sshd").returncode == 0
    assert ctl(house, host, "disable", "login", "--profile").returncode == 0


def test_a_second_factor_that_an_approval_would_skip_is_a_trap(house: House, host: pathlib.Path) -> None:
    (host / "usr/share/pam-configs/factor").write_text(
        "Name: a second factor\nDefault: yes\nPriority: 512\nAuth-Type: Primary\nAuth:\n\trequired pam_u2f.so\nAuth-Initial:\n\trequired pam_u2f.so\n"
    )
    update(host)
    assert b"pam_u2f" in files(host)["common-auth"]
    assert "it would be a trap for sshd (check-skipped" in refused(house, host, "sshd", "--profile")


def test_a_trap_at_another_service_that_is_enabled(house: House, host: pathlib.Path) -> None:
    path = host / "etc/pam.d/sudo"
    path.write_text(path.read_text().replace("@include common-account", "account sufficient pam_permit.so\n@include common-account"))
    assert ctl(house, host, "enable", "sudo", "--no-pam-file").returncode == 0
    assert "it would be a trap for sudo (account-not-reached" in refused(house, host, "sshd", "--profile")
    assert ctl(house, host, "disable", "sudo", "--no-pam-file").returncode == 0
    ran = ctl(house, host, "enable", "sshd", "--profile")
    assert ran.returncode == 0, ran.stderr
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0


JUMPS = "auth [success=ignore default=1] pam_rootok.so\n@include {}\n@include common-account\n"


@pytest.mark.parametrize(
    "name, include", [("plain", "common-auth"), ("site.app", "common-auth"), ("path", "/etc/pam.d/common-auth"), ("linked", "system-auth")]
)
def test_a_service_that_nobody_enabled_must_end_as_before(house: House, host: pathlib.Path, name: str, include: str) -> None:
    """One that jumps over a line more than it meant to, once there is one; by whatever name it has the file."""
    (host / "etc/pam.d/system-auth").symlink_to("common-auth")
    (host / "etc/pam.d" / name).write_text(JUMPS.format(include))
    assert f"with Antara's lines in {name} other sign-ins would end otherwise" in refused(house, host, "sshd", "--profile")


def test_lines_by_hand_in_the_shared_files_are_refused(house: House, host: pathlib.Path) -> None:
    path = host / "etc/pam.d/common-auth"
    path.write_text("auth sufficient pam_antara.so\n" + path.read_text())
    assert "asks Antara by lines that are not the profile's" in refused(house, host, "sshd", "--profile")


def test_what_pam_auth_update_would_not_touch_is_refused(house: House, host: pathlib.Path) -> None:
    path = host / "etc/pam.d/common-auth"
    path.write_text(
        path.read_text()
        .replace("auth\trequisite", "auth\toptional pam_warn.so\nauth\trequisite", 1)
        .replace("# here's the fallback if no module succeeds\n", "", 1)
    )
    assert "between its marks" in refused(house, host, "sshd", "--profile")


WARNS = "Name: warns\nDefault: yes\nPriority: 0\nAuth-Type: Additional\nAuth:\n\toptional pam_warn.so\n"


def test_what_else_it_would_change_is_left_to_the_administrator(house: House, host: pathlib.Path) -> None:
    """A package's profile that was on, and has changed."""
    profile = host / "usr/share/pam-configs/warns"
    profile.write_text(WARNS)
    update(host)
    profile.write_text(WARNS.replace("pam_warn.so", "pam_notyet.so"))
    assert "would change more of common-auth" in refused(house, host, "sshd", "--profile")


def test_a_profile_that_is_new_is_another_packages_to_bring(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    """Neither on the way there, nor back."""
    before = files(host)
    (host / "usr/share/pam-configs/warns").write_text(WARNS)
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    assert b"pam_warn" not in files(host)["common-auth"]
    let_pass(host, 3601)
    assert at_boot(house, host) == [{"name": "sshd", "lines": "taken out"}] and files(host) == before
    assert ctl(house, host, "disable", "sshd").returncode == 0


def test_without_the_package_it_is_refused(house: House, host: pathlib.Path) -> None:
    (host / "usr/share/pam-configs/antara").unlink()
    assert "Is libpam-antara installed" in refused(house, host, "sshd", "--profile")


def test_what_the_configuration_enables_cannot_be_disabled(house: House, host: pathlib.Path) -> None:
    """Unless nothing in PAM asks there any more."""
    (host / "etc/pam.d/demo").write_text("@include common-auth\n@include common-account\n")
    assert "antarad.conf enables demo" in ctl(house, host, "disable", "demo", "--no-pam-file").stderr
    assert ctl(house, host, "disable", "demo").returncode == 0
    assert ctl(house, host, "enable", "sshd", "--profile").returncode == 0
    during = files(host)
    for words in (("demo",), ("demo", "--profile")):
        assert "antarad.conf enables demo" in ctl(house, host, "disable", *words).stderr
    assert files(host) == during and {"demo", "sshd"} <= enabled(house)
    assert json.loads(ctl(house, host, "disable", "sshd", "--profile").stdout)["profile"] == "stays on, for demo"
    assert json.loads(ctl(house, host, "disable", "demo", "--profile").stdout)["profile"] == "off"


def test_one_option_of_the_two(house: House, host: pathlib.Path) -> None:
    for verb in ("enable", "disable"):
        assert "say one of them" in ctl(house, host, verb, "sshd", "--profile", "--no-pam-file").stderr


def test_a_relative_root_is_refused(house: House, host: pathlib.Path) -> None:
    command = [str(ANTARACTL), "service", "enable", "sshd", "--profile", "--root", "."]
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": house.address}
    ran = subprocess.run(command, env=environment, cwd=host, capture_output=True, text=True, check=False, timeout=30)
    assert ran.returncode == 1 and "from / on" in ran.stderr


@pytest.mark.parametrize("ends", [True, False])
def test_a_package_that_is_being_installed_is_waited_for(house: House, host: pathlib.Path, ends: bool) -> None:
    before = files(host)
    (host / "var/cache/debconf").mkdir(parents=True)
    command = [str(ANTARACTL), "service", "enable", "sshd", "--profile", "--root", str(host)]
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": house.address}
    with open(host / "var/cache/debconf/config.dat", "w") as database:
        fcntl.flock(database, fcntl.LOCK_EX)
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if ends:
            wait_until(lambda: "nanosleep" in pathlib.Path(f"/proc/{process.pid}/wchan").read_text())
            assert files(host) == before
            fcntl.flock(database, fcntl.LOCK_UN)
        said = process.communicate(timeout=90)[1]
    if ends:
        assert process.returncode == 0, said
        assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0
    assert files(host) == before and (ends or "is locked" in said)
