# SPDX-License-Identifier: GPL-3.0-or-later
"""What refuses to start, and says where."""

import os
import pathlib
import subprocess

import certificates
import pytest
from house import ANTARAD, CONFIG, LIMITS

GOOD = CONFIG.format(
    folder="/var/lib/antara",
    port=8080,
    listen=8080,
    services="[service demo]",
    sign_up="open",
    daemon="",
    http="",
    tenant="",
    limits=LIMITS,
    soft_limit="3000/60",
    scheme="http",
    transport="maildir:/var/lib/antara/mail",
)

NOBODY = 65534
WEAK = [
    ("issuer = http://localhost:8080", "issuer = http://id.example.org", "https"),
    ("issuer = http://localhost:8080", "issuer = https://id.example.org/path", "issuer"),
    ("sign_up = open", "sign_up = open\nsign_up = open", "second time"),
    ("sign_up = open", "sign_up = sometimes", "sign_up"),
    ("sign_up = open", "sing_up = open", "has no key sing_up"),
    ("sign_up = open", "sign_up = open\nsecurity_contact = security@example.org", "mailto:"),
    ("soft_limit = 3000/60", "soft_limit = 5/60", "soft_limit"),
    ("soft_limit = 3000/60", "metrics_listen = 0.0.0.0:9100", "not all addresses"),
    ("soft_limit = 3000/60", "metrics_listen = [::]:9100", "not all addresses"),
    ("soft_limit = 3000/60", "metrics_listen = :9100", "not all addresses"),
    ("soft_limit = 3000/60", "tls_certificate = chain.pem", "absolute"),
    ("soft_limit = 3000/60", "tls_certificate = /etc/antara/chain.pem", "need each other"),
    ("soft_limit = 3000/60", "tls_key = /etc/antara/key.pem", "need each other"),
    ("soft_limit = 3000/60", "tls_certificate = /etc/antara/chain.pem\ntls_key = /etc/antara/key.pem", "must begin with https://"),
    ("soft_limit = 3000/60", "trusted_proxies = proxy.example", "proxy.example: expected an address"),
    ("soft_limit = 3000/60", "trusted_proxies = 10.0.0.1/8", "10.0.0.1/8: expected an address"),
    ("soft_limit = 3000/60", "trusted_proxies = 127.0.0.1 0.0.0.0/0", "0.0.0.0/0: that trusts too many"),
    ("soft_limit = 3000/60", "trusted_proxies = ::/0", "::/0: that trusts too many"),
    ("soft_limit = 3000/60", "trusted_proxies =", "trusted_proxies: a value is missing"),
    ("kek_file = /var/lib/antara/kek", "workers = 0", "1 to 64"),
    ("kek_file = /var/lib/antara/kek", "workers = 65", "1 to 64"),
    ("kek_file = /var/lib/antara/kek", "workers = two", "number"),
    ("[pam]", "[pan]", "no section [pan]"),
    ("[service demo]", "[service cron]", "cron"),
    ("from = antara@localhost", "from = antara", "from"),
    ("transport = maildir:/var/lib/antara/mail", "transport = smtp://user:secret@127.0.0.1:25", "transport"),
    ("transport = maildir:/var/lib/antara/mail", "transport = carrier-pigeon:", "transport"),
    ("state_dir = /var/lib/antara/state", "state_dir = state", "absolute"),
]


def check(config: pathlib.Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANTARAD), "--config", str(config), "--check-config"], capture_output=True, text=True, check=False)


def test_a_good_configuration_passes(tmp_path: pathlib.Path) -> None:
    config = tmp_path / "antarad.conf"
    config.write_text(GOOD)
    assert check(config).returncode == 0


@pytest.mark.parametrize(("good", "bad", "words"), WEAK)
def test_k11_a_weak_or_unknown_value_refuses(tmp_path: pathlib.Path, good: str, bad: str, words: str) -> None:
    config = tmp_path / "antarad.conf"
    assert good in GOOD
    config.write_text(GOOD.replace(good, bad))
    refused = check(config)
    assert refused.returncode == 1 and words in refused.stderr, refused.stderr


def test_certificate_and_key_are_looked_at_before_a_start(tmp_path: pathlib.Path) -> None:
    config = tmp_path / "antarad.conf"
    chain, key = certificates.issue(tmp_path)
    config.write_text(GOOD.replace("soft_limit", f"tls_certificate = {chain}\ntls_key = {key}\nsoft_limit").replace("http://", "https://"))
    good = check(config)
    assert good.returncode == 0 and "good until" in good.stderr
    key.chmod(0o604)
    refused = check(config)
    assert refused.returncode == 1 and f"{key}: others may not read the key" in refused.stderr


def test_root_looks_at_the_key_as_who_owns_the_store(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the daemon will, which is not root where a package installed it."""
    monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0")  # which would need root to the end
    config, state = tmp_path / "antarad.conf", tmp_path / "state"
    state.mkdir()
    os.chown(state, NOBODY, NOBODY)
    for path in (tmp_path, *tmp_path.parents):
        if path.is_relative_to("/tmp") and path != pathlib.Path("/tmp"):
            path.chmod(0o755)
    chain, key = certificates.issue(tmp_path)
    chain.chmod(0o644)
    text = GOOD.replace("soft_limit", f"tls_certificate = {chain}\ntls_key = {key}\nsoft_limit").replace("http://", "https://")
    assert "state_dir = /var/lib/antara/state" in text
    config.write_text(text.replace("state_dir = /var/lib/antara/state", f"state_dir = {state}"))
    refused = check(config)
    assert refused.returncode == 1 and f"{key}: Permission denied" in refused.stderr
    os.chown(key, NOBODY, NOBODY)
    assert check(config).returncode == 0
    os.chown(key, 0, NOBODY)
    key.chmod(0o640)
    assert check(config).returncode == 0
    os.chown(key, NOBODY - 1, NOBODY)
    refused = check(config)
    assert refused.returncode == 1 and "must belong to root or to the daemon's user" in refused.stderr


def test_an_error_names_file_and_line(tmp_path: pathlib.Path) -> None:
    config = tmp_path / "antarad.conf"
    config.write_text(GOOD.replace("sign_up = open", "sing_up = open"))
    line = GOOD.split("sign_up")[0].count("\n") + 1
    assert f"{config}:{line}:" in check(config).stderr


def test_a_drop_in_overrides_and_a_directory_that_is_none_refuses(tmp_path: pathlib.Path) -> None:
    config = tmp_path / "antarad.conf"
    config.write_text(GOOD)
    drop_ins = tmp_path / "antarad.conf.d"
    drop_ins.mkdir()
    (drop_ins / "10.conf").write_text("[tenant test]\nsign_up = never\n")
    assert "10.conf:2:" in check(config).stderr
    (drop_ins / "10.conf").unlink()
    drop_ins.rmdir()
    drop_ins.write_text("")
    assert check(config).returncode == 1


def test_a_kek_is_made_once_and_for_nobody_else(tmp_path: pathlib.Path) -> None:
    kek = tmp_path / "kek"
    for code in (0, 1):
        made = subprocess.run([str(ANTARAD), "--make-kek", str(kek)], capture_output=True, check=False)
        assert made.returncode == code
    assert kek.stat().st_size == 32 and kek.stat().st_mode & 0o7777 == 0o400
