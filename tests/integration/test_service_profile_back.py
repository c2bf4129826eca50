# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back from antaractl service enable --profile: unconfirmed, disabled, cut off, and where pam-auth-update is no help."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
from collections.abc import Iterator

import pytest
from house import ANTARACTL, House
from profile_trees import HOUR, SHARED, TOOL, lines_in, refused
from service_trees import at_boot, confirm_from, ctl, enabled, files, let_pass, note_of, notes_of


def test_what_nobody_confirms_is_taken_back(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(host)
    ran = ctl(house, host, "enable", "sshd", "--profile", *HOUR)
    assert ran.returncode == 0 and "service confirm sshd" in json.loads(ran.stdout)["next"], ran.stderr
    assert "waits for its confirmation: antaractl service confirm sshd" in ctl(house, host, "enable", "login", "--profile").stderr
    assert "older than the change" in ctl(house, host, "confirm", "sshd").stderr
    let_pass(host, 3601)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={host}/nowhere"}
    subprocess.run([str(ANTARACTL), "service", "revert", "--root", str(host)], env=environment, check=True)
    assert files(host) == before and not note_of(host).exists()
    assert ctl(house, host, "disable", "sshd").returncode == 0


def test_what_was_confirmed_stays(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    during = files(host)
    ran = confirm_from(house, host, "sshd", "sshd")
    assert ran.returncode == 0, ran.stderr
    assert ctl(house, host, "revert", "sshd").returncode == 0
    assert at_boot(house, host) == [] and files(host) == during
    assert "could take back" in ctl(house, host, "enable", "login", "--profile", *HOUR).stderr  # no file is left to change
    assert "login" not in enabled(house) and files(host) == during
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0


def test_disable_ends_the_waiting_whoever_else_has_come(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(host)
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    assert ctl(house, host, "enable", "sudo", "--no-pam-file").returncode == 0
    assert ctl(house, host, "disable", "sshd").returncode == 0  # the word --profile isn't needed
    assert files(host) == before and not note_of(host).exists()
    assert [note[0] for note in notes_of(systemd)] == ["start", "stop"]
    assert ctl(house, host, "disable", "sudo", "--profile").returncode == 0


def test_where_pam_auth_update_cannot_the_backups_come_back(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    """Somebody wrote between its lines meanwhile, which it won't touch."""
    before = files(host)
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    path = host / "etc/pam.d/common-auth"
    touched = path.read_text().replace("# here's the fallback", "auth\toptional\tpam_warn.so\n# here's the fallback", 1)
    path.write_text(touched)
    let_pass(host, 3601)
    assert at_boot(house, host) == [
        {"name": "sshd", "lines": "taken out", "file_before": ", ".join(f"{host}/etc/pam.d/{name}.antara-replaced" for name in SHARED)}
    ]
    after = files(host)
    assert after.pop("common-auth.antara-replaced") == touched.encode()
    assert b"pam_antara.so" in after.pop("common-account.antara-replaced") and after == before
    assert not note_of(host).exists()
    assert ctl(house, host, "disable", "sshd").returncode == 0


@pytest.mark.parametrize("cut", [["common-account"], ["common-account", "common-auth"], ["common-auth", "common-account", "auth", "account"]])
def test_what_was_cut_off_is_taken_back(house: House, host: pathlib.Path, systemd: pathlib.Path, cut: list[str]) -> None:
    """These weren't written yet: /etc/pam.d comes after what pam-auth-update notes for itself."""
    places = {name: host / ("etc/pam.d" if name in SHARED else "var/lib/pam") / name for name in (*SHARED, "auth", "account")}
    before, all_before = {name: path.read_bytes() for name, path in places.items()}, files(host)
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    for name in cut:
        places[name].write_bytes(before[name])
    assert ctl(house, host, "disable", "sshd").returncode == 0
    assert files(host) == all_before and {name: path.read_bytes() for name, path in places.items()} == before


def test_half_of_it_is_neither_on_nor_off(house: House, host: pathlib.Path) -> None:
    before = files(host)
    assert ctl(house, host, "enable", "sshd", "--profile").returncode == 0
    (host / "etc/pam.d/common-account").write_bytes(before["common-account"])
    during = files(host)
    assert "not all of it" in ctl(house, host, "enable", "login", "--profile").stderr and files(host) == during
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0 and files(host) == before


def test_files_that_were_lost_come_back_from_the_backup(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(host)
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    for name in SHARED:
        (host / "etc/pam.d" / name).write_text("")
    let_pass(host, 3601)
    (row,) = at_boot(house, host)
    assert row["file_before"].count("antara-replaced") == 2
    assert {name: files(host)[name] for name in before} == before and not note_of(host).exists()
    assert ctl(house, host, "disable", "sshd").returncode == 0


def test_disable_by_profile_leaves_an_edit_that_waits(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    assert ctl(house, host, "enable", "sshd", *HOUR).returncode == 0
    during = files(host)
    assert "by lines of its own" in ctl(house, host, "disable", "sshd", "--profile").stderr
    assert files(host) == during and note_of(host).exists() and "sshd" in enabled(house)
    assert ctl(house, host, "disable", "sshd").returncode == 0


def test_a_vendors_service_is_confirmed(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    """It has no file below /etc that could be opened."""
    (host / "etc/pam.d/sshd").rename(host / "usr/lib/pam.d/sshd")
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    ran = confirm_from(house, host, "sshd", "sshd")
    assert ran.returncode == 0, ran.stderr
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0


def test_pam_auth_update_itself_works_on_a_copy(house: House, host: pathlib.Path) -> None:
    """So a kill leaves what it writes where nobody reads it; the next one clears that away."""
    place = host / "run/antaractl"
    script = host / "tool"
    script.write_text(f'#!/bin/sh\necho "$*" >>{host}/asked\nkill -9 $(cat {host}/victim)\n')
    script.chmod(0o755)
    before = files(host)
    subprocess.run(["mount", "--bind", str(script), str(TOOL)], check=True)
    try:
        shell = f'echo $$ >{host}/victim; exec "$0" "$@"'
        command = ["sh", "-c", shell, str(ANTARACTL), "service", "enable", "sshd", "--profile", "--root", str(host)]
        ran = subprocess.run(command, env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": house.address}, capture_output=True, check=False, timeout=60)
    finally:
        subprocess.run(["umount", str(TOOL)], check=True)
    assert ran.returncode == -signal.SIGKILL and files(host) == before
    assert (host / "asked").read_text().startswith(f"--enable antara --root {place}/rehearsal-")
    assert len(list(place.glob("rehearsal-*"))) == 1
    assert ctl(house, host, "enable", "sshd", "--profile").returncode == 0
    assert [path.name for path in place.iterdir()] == ["lock"]
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0


def what_it_refuses_by(house: House, host: pathlib.Path) -> str:
    before = files(host)
    ran = ctl(house, host, "enable", "sshd", "--profile")
    assert ran.returncode == 1 and files(host) == before
    return ran.stderr


@contextlib.contextmanager
def broken_tool(host: pathlib.Path) -> Iterator[None]:
    script = host / "tool"
    script.write_text("#!/bin/sh\necho 'it is broken' >&2\nexit 3\n")
    script.chmod(0o755)
    subprocess.run(["mount", "--bind", str(script), str(TOOL)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(TOOL)], check=True)


def test_where_pam_auth_update_fails_the_backups_come_back(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    """Also where one of the other files can't be read."""
    before = files(host)
    with broken_tool(host):
        assert "failed (Child process exited with code 3): it is broken" in refused(house, host, "sshd", "--profile")
    for lost in ("", "var/lib/pam/seen"):
        assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
        if lost:
            (host / lost).unlink()
        let_pass(host, 3601)
        with broken_tool(host) if not lost else contextlib.nullcontext():
            (row,) = at_boot(house, host)
        assert row["file_before"].count("antara-replaced") == 2
        for name in SHARED:
            (host / f"etc/pam.d/{name}.antara-replaced").unlink()
        assert files(host) == before and not note_of(host).exists()
        assert ctl(house, host, "disable", "sshd").returncode == 0  # and the timer with it
    assert "pam-auth-update itself may mend it" in what_it_refuses_by(house, host)
    assert ctl(house, host, "disable", "sshd").returncode == 0


def test_a_backup_of_another_time_does_not_come_back(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    def leave_some() -> None:
        for name in SHARED:
            (host / f"etc/pam.d/{name}.antara-backup").write_text("of another year\n")

    leave_some()
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0  # it is off
    assert not list((host / "etc/pam.d").glob("*.antara-*"))
    leave_some()
    (host / "var/lib/antaractl").write_text("no folder: so the note can't be written, once all else is done")
    ran = ctl(house, host, "enable", "sshd", "--profile", *HOUR)
    assert ran.returncode == 1 and "Nothing can be noted" in ran.stderr
    assert not list((host / "etc/pam.d").glob("*.antara-*"))


def test_what_was_cut_off_is_not_confirmed_and_goes_at_a_boot(house: House, host: pathlib.Path, systemd: pathlib.Path) -> None:
    before = files(host)
    assert ctl(house, host, "enable", "sshd", "--profile", *HOUR).returncode == 0
    (host / "etc/pam.d/common-account").write_bytes(before["common-account"])
    assert "not on as a whole" in confirm_from(house, host, "sshd", "sshd").stderr
    _, *rest = note_of(host).read_text().split()
    note_of(host).write_text(" ".join([str(2**63 - 1), *rest]))
    assert at_boot(house, host) == [{"name": "sshd", "lines": "taken out"}]  # though there is time left
    assert files(host) == before
    assert ctl(house, host, "disable", "sshd").returncode == 0


def test_a_part_that_cannot_be_written_is_told(house: House, host: pathlib.Path) -> None:
    assert ctl(house, host, "enable", "sshd", "--profile").returncode == 0
    account = host / "etc/pam.d/common-account"
    subprocess.run(["mount", "--bind", str(account), str(account)], check=True)  # nothing can be renamed over it
    try:
        ran = ctl(house, host, "disable", "sshd", "--profile")
    finally:
        subprocess.run(["umount", str(account)], check=True)
    assert ran.returncode == 1 and "Only a part of the profile is off; say it again." in ran.stderr
    assert lines_in(host) == [False, True] and "sshd" in enabled(house)
    assert ctl(house, host, "disable", "sshd", "--profile").returncode == 0 and lines_in(host) == [False, False]
