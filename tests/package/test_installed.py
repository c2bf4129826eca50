# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's life with the packages, under real systemd: installed, used, upgraded, rebooted, removed. The tests follow each other."""

import pathlib
from collections.abc import Iterator

import packages
import pytest
from host import PORT, Host, wait_until


@pytest.fixture(scope="module")
def host(debian: pathlib.Path, folder: pathlib.Path) -> Iterator[Host]:
    with packages.layered(debian, folder / "installed") as root:
        running = Host(root, folder / "installed.log")
        yield running
        running.stop()


def test_installing_it_gives_a_running_daemon(host: Host) -> None:
    host.install("antara_*.deb")
    status = host.ask("status")
    assert status["issuer"] == f"http://localhost:{PORT}"
    assert status["kek_source"] == "systemd credential without TPM: protects backups only"
    assert not status["read_only"] and status["mail_working"]
    for unit in ("antarad.service", "antarad.socket"):
        assert host.box.output("systemctl", "is-active", unit) == "active"
        assert host.box.output("systemctl", "is-enabled", unit) == "enabled"
    assert host.box.output("systemctl", "--failed", "--no-legend") == ""
    with host.knocking(1) as said:
        pass
    assert said["answered"] and not said["problems"]


def test_the_kek_is_there_encrypted_alone(host: Host) -> None:
    place = "/etc/credstore.encrypted"
    assert host.box.output("stat", "-c", "%U %a", place, f"{place}/antara.kek").split() == ["root", "700", "root", "600"]
    kek = host.box.output("sh", "-c", f"systemd-creds decrypt --name=antara.kek {place}/antara.kek - 2> /dev/null | wc -c")
    assert kek == "32"
    assert host.box.run("test", "-e", "/run/antarad-kek", check=False).returncode == 1
    assert host.box.output("find", "/var/lib/antara", "-size", "32c") == ""


def test_a_file_may_hold_the_kek_instead(host: Host) -> None:
    """The credential is nowhere then."""
    host.box.run("sh", "-c", "mv /etc/credstore.encrypted/antara.kek /root && systemd-creds decrypt --name=antara.kek /root/antara.kek /etc/antara/kek")
    host.box.run("sh", "-c", "chmod 0400 /etc/antara/kek && chown antara: /etc/antara/kek")
    host.box.run("sh", "-c", "printf '[daemon]\\nkek_file = /etc/antara/kek\\n' > /etc/antara/antarad.conf.d/kek.conf")
    host.restart()
    assert host.ask("status")["kek_source"].startswith("file on this machine")
    host.box.run("sh", "-c", "rm /etc/antara/antarad.conf.d/kek.conf /etc/antara/kek && mv /root/antara.kek /etc/credstore.encrypted/")
    host.restart()
    assert host.ask("status")["kek_source"].startswith("systemd credential")


def test_systemd_finds_it_little_exposed(host: Host) -> None:
    host.box.run("systemd-analyze", "security", "--threshold=15", "--no-pager", "antarad.service")
    assert host.box.shown("antarad.service", "Type") == "notify"
    main = host.box.shown("antarad.service", "MainPID")
    assert "Max core file size        0                    0" in host.box.output("cat", f"/proc/{main}/limits")


def test_the_journal_explains_what_it_says(host: Host) -> None:
    said = host.box.output("journalctl", "-x", "--no-pager", "-u", "antarad.service")
    assert "Subject: antarad is ready" in said
    assert "may be swapped" not in said


def test_a_reload_refuses_what_a_start_would(host: Host) -> None:
    """It says so, the journal says why, and the daemon goes on."""
    main = host.box.shown("antarad.service", "MainPID")
    host.box.run("systemctl", "reload", "antarad.service")
    host.box.run("sh", "-c", "printf '[http]\nno_such_key = 1\n' > /etc/antara/antarad.conf.d/bad.conf")
    refused = host.box.run("systemctl", "reload", "antarad.service", check=False)
    assert refused.returncode == 1 and "Job for antarad.service failed" in refused.stdout, refused.stdout
    host.box.run("journalctl", "--sync")
    assert "/etc/antara/antarad.conf.d/bad.conf:2: " in host.box.output("journalctl", "-u", "antarad.service", "-p", "err", "-o", "cat", "--no-pager")
    host.box.run("rm", "/etc/antara/antarad.conf.d/bad.conf")
    assert host.box.shown("antarad.service", "MainPID") == main and host.ask("status")
    host.box.run("systemctl", "reload", "antarad.service")


def test_a_call_on_the_bus_starts_it_only_while_it_is_enabled(host: Host) -> None:
    host.box.run("systemctl", "stop", "antarad.service")
    host.ask("status")
    assert host.box.output("systemctl", "is-active", "antarad.service") == "active"
    host.box.run("systemctl", "reset-failed", "antarad.service")
    host.box.run("systemctl", "disable", "--now", "antarad.service", "antarad.socket")
    assert host.box.run("antaractl", "status", check=False).returncode == 1
    host.box.run("systemctl", "enable", "--now", "antarad.socket", "antarad.service")
    host.ask("status")


def test_a_daemon_that_hangs_is_started_anew(host: Host) -> None:
    drop_in = "/run/systemd/system/antarad.service.d"
    host.box.run("sh", "-c", f"mkdir {drop_in} && printf '[Service]\\nWatchdogSec=2s\\n' > {drop_in}/test.conf && systemctl daemon-reload")
    host.restart()
    main = host.box.shown("antarad.service", "MainPID")
    host.box.run("kill", "-STOP", main)
    wait_until(lambda: host.box.shown("antarad.service", "MainPID") not in (main, "0"))
    assert host.box.shown("antarad.service", "NRestarts") == "1"
    host.ask("status")
    host.box.run("sh", "-c", f"rm -r {drop_in} && systemctl daemon-reload")
    host.restart()


def test_a_restart_refuses_no_connection_and_loses_no_answer(host: Host) -> None:
    """Each app whose registration was answered is there, and whoever asked was answered."""
    settings = "registration = open\\nlimits = register_client:1000000/1 link_client:1000000/1"
    host.box.run("sh", "-c", f"printf '[tenant main]\\n{settings}\\n' > /etc/antara/antarad.conf.d/load.conf")
    host.restart()
    with host.knocking(3, "register") as made, host.knocking(2) as said:
        for _ in range(5):
            host.restart()
    assert said["answered"] > 20 and not said["problems"], said["problems"]
    assert made["answered"] > 20 and not made["problems"], made["problems"]
    assert set(made["apps"]) <= {app["client_id"] for app in host.ask("app", "list")}
    host.box.run("sh", "-c", "rm /etc/antara/antarad.conf.d/load.conf")
    host.restart()


def test_an_upgrade_keeps_what_is_stored_and_what_is_configured(host: Host) -> None:
    host.ask("account", "add", "alice@example.org")
    kek = host.ask("status")["kek"]
    host.box.run("sh", "-c", "printf '[tenant main]\\ndisplay_name = Ours\\n' > /etc/antara/antarad.conf.d/name.conf")
    with host.knocking(2) as said:
        host.install("newer-antara.deb")
    assert said["answered"] > 20 and not said["problems"], said["problems"]
    assert host.box.output("dpkg-query", "-W", "-f", "${Version}", "antara").startswith("9:")
    assert host.ask("account", "find", "alice@example.org")["email"] == "alice@example.org"
    assert host.ask("status")["kek"] == kek
    assert host.box.output("cat", "/etc/antara/antarad.conf.d/name.conf").endswith("Ours")


def test_a_reboot_finds_it_as_it_was(host: Host) -> None:
    host.stop()
    host.boot()
    assert host.ask("account", "find", "alice@example.org")["email"] == "alice@example.org"
    assert host.box.output("systemctl", "--failed", "--no-legend") == ""


def test_the_module_changes_no_service_until_somebody_says_so(host: Host) -> None:
    common = host.box.output("cat", "/etc/pam.d/common-auth")
    host.install("libpam-antara_*.deb")
    assert host.box.output("cat", "/etc/pam.d/common-auth") == common
    host.box.run("pam-auth-update", "--package", "--enable", "antara")
    assert "pam_antara.so" in host.box.output("cat", "/etc/pam.d/common-auth")
    host.box.run("apt-get", "remove", "--yes", "libpam-antara")
    assert "pam_antara.so" not in host.box.output("cat", "/etc/pam.d/common-auth", "/etc/pam.d/common-account")
    host.box.run("su", "nobody", "-s", "/bin/sh", "-c", "true")


def test_removed_it_keeps_the_store_and_purged_nothing(host: Host) -> None:
    host.box.run("apt-get", "remove", "--yes", "antara")
    for path in ("/var/lib/antara/store", "/etc/credstore.encrypted/antara.kek", "/etc/antara/antarad.conf"):
        host.box.run("test", "-e", path)
    host.install("antara_*.deb")
    assert host.ask("account", "find", "alice@example.org")["email"] == "alice@example.org"
    host.box.run("apt-get", "purge", "--yes", "antara")
    left = host.box.output("sh", "-c", "find / -xdev -name '*antara*' -not -path '/root/*' -not -path '/var/cache/*' -not -path '/proc/*'")
    assert left == ""
    host.box.run("su", "nobody", "-s", "/bin/sh", "-c", "true")
