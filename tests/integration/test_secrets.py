# SPDX-License-Identifier: GPL-3.0-or-later
"""Row K9: after many sign-ins no secret stands where it can be read: files, log, command line, environment, and what a core dump would hold."""

import base64
import hashlib
import os
import pathlib
import re
import resource
import signal
import subprocess
from collections.abc import Iterator

import dbus.bus
import house as houses
import mailbox
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from house import TOOLS, House, Person
from oauth import App

SIGN_INS = 1000 if "ANTARA_TEST_LONG" in os.environ else 100
PREFIX = re.compile(r"^(uat|urt|aac|adc)_")
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus) as running:
        yield running


def signing_app(house: House, algorithm: str) -> App:
    client_id = house.add_app(f"Bakery {algorithm}", "http://127.0.0.1/callback")
    house.ctl("app", "set", client_id, "--id-token-alg", algorithm)
    return App(house, client_id, "http://127.0.0.1/callback")


def oauth_sign_in(app: App, person: Person) -> set[str]:
    """All that the app and the browser got."""
    code = app.code(person)
    first = app.redeem(code).json()
    second = app.refresh(first["refresh_token"]).json()
    slug = app.userinfo(second["access_token"]).json()["sub"]
    cookies = {cookie.value for cookie in person.web.cookies if cookie.value and len(cookie.value) > 20}
    return {person.email, code, slug, app.state, app.verifier, *cookies} | {
        answer[name] for answer in (first, second) for name in ("access_token", "refresh_token")
    }


def device_sign_in(app: App, person: Person) -> set[str]:
    device = app.post("/oauth/device", client_id=app.client_id, scope="openid").json()
    approve(person, device["user_code"])
    tokens = app.post("/oauth/token", grant_type=DEVICE_GRANT, client_id=app.client_id, device_code=device["device_code"]).json()
    return {device["user_code"], device["device_code"], tokens["access_token"]}


def approve(person: Person, user_code: str) -> None:
    page = person.submit(person.get("/d"), user_code=user_code)
    assert "Approved" in person.submit(page, button="approve").text


def prompt_sign_in(pam: dbus.Interface, person: Person) -> set[str]:
    """A conversation at a prompt, as the PAM module has it."""
    conversation, state, info = pam.Open("demo", "nobody", dbus.Dictionary({"privileged": False}, signature="sv"))[:3]
    found = re.search(r"Code  (\w{4}-\w{4})", info)
    assert state == "ask" and found, info
    approve(person, found.group(1))
    answer = pam.Respond(conversation, "")
    assert answer[1] == "approved", answer
    return {found.group(1)} | {str(value) for name, value in answer[7].items() if name == "ANTARA_SLUG"}


def mailed(house: House) -> set[str]:
    letters = [mailbox.read(path) for path in (house.folder / "mail/new").iterdir()]
    return {letter.code for letter in letters} | {letter.link.rsplit("/", 1)[1] for letter in letters}


@pytest.fixture(scope="module")
def said(house: House) -> set[str]:
    """What the world has seen of this daemon: each must stand nowhere else."""
    apps = [signing_app(house, algorithm) for algorithm in ("RS256", "ES256", "EdDSA")]
    pam = dbus.Interface(dbus.bus.BusConnection(house.address).get_object("org.antara1", "/org/antara1"), "org.antara1.Pam")
    seen: set[str] = set()
    for number in range(SIGN_INS):
        person = Person(house, f"person-{number}-secretly@example.org")
        app = apps[number % len(apps)]
        seen |= oauth_sign_in(app, person) | device_sign_in(app, person)
        if number % 10 == 0:
            house.ctl("link", "add", "nobody", "--email", person.email)
            seen |= prompt_sign_in(pam, person)
            house.ctl("link", "remove", "nobody")
    seen |= mailed(house)
    assert all(len(text) >= 8 for text in seen) and len(seen) > 12 * SIGN_INS
    return seen


def decoded(text: str) -> list[bytes]:
    """What a token or a slug is made of: handle, secret, tag, 16 bytes each; and the secret's hash."""
    body = PREFIX.sub("", text)
    if len(body) not in (22, 64) or not re.fullmatch(r"[\w-]+", body):
        return []
    data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    parts = [data[at : at + 16] for at in range(0, len(data), 16)]
    return [*parts, hashlib.sha256(parts[1]).digest()] if len(parts) == 3 else parts


def keys(house: House) -> list[bytes]:
    """The KEK, and all keys of the keyring."""
    words = [str(TOOLS / "keyring-keys"), str(house.folder / "state/keyring"), str(house.folder / "kek")]
    told = subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout.split()
    assert len(told) > 10
    return [(house.folder / "kek").read_bytes(), *map(bytes.fromhex, told)]


def stretched(seed: bytes) -> list[bytes]:
    """What Ed25519 makes of its seed: a number and a prefix (RFC 8032 5.1.5)."""
    digest = bytearray(hashlib.sha512(seed).digest())
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    return [bytes(digest[:32]), bytes(digest[32:])]


def numbers(key: bytes) -> list[bytes]:
    """The secret numbers of a signing key: RSA's d, p, q, … (RFC 8017 A.1.2), or the one that stands behind a point on a curve."""
    if len(key) == 64:
        return [key[32:], *stretched(key[32:])]
    if len(key) == 96:
        return [key[64:]]
    loaded = serialization.load_der_private_key(key, None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    secret = loaded.private_numbers()
    found = [secret.d, secret.p, secret.q, secret.dmp1, secret.dmq1, secret.iqmp]
    return [number.to_bytes((number.bit_length() + 7) // 8, "big") for number in found]


def pieces(key: bytes) -> list[bytes]:
    """What tells a key: a half of a symmetric one; 32 bytes of a signing key's numbers, as they are written and as a machine's words have them."""
    if len(key) == 32:
        return [key[:16], key[16:]]
    return [piece for number in numbers(key) for piece in (number[:32], number[::-1][:32], number[::-1][-32:])]


def spellings(secret: bytes) -> list[bytes]:
    return [secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="), base64.urlsafe_b64encode(secret).rstrip(b"=")]


def process(house: House) -> pathlib.Path:
    assert house.antarad
    return pathlib.Path("/proc") / str(house.antarad.pid)


def places(house: House) -> dict[str, bytes]:
    files = {str(path): re.sub(rb"\0{64,}", b"\0", path.read_bytes()) for path in (house.folder / "state").iterdir()}
    return files | {
        "log": (house.folder / "antarad.log").read_bytes(),
        "cmdline": (process(house) / "cmdline").read_bytes(),
        "environ": (process(house) / "environ").read_bytes(),
    }


def test_k9_files_log_arguments_and_environment_hold_nothing_that_was_said(house: House, said: set[str]) -> None:
    house.ctl("check")  # with a snapshot or without
    wanted = {spelling for text in said for secret in (text.encode(), *decoded(text)) for spelling in spellings(secret)}
    letters = "".join(letter.to + letter.text for letter in map(mailbox.read, (house.folder / "mail/new").iterdir())).encode()
    assert sum(spelling in letters for spelling in wanted) >= 2 * SIGN_INS, "this finds nothing at all"
    for place, content in places(house).items():
        found = [spelling[:6] for spelling in wanted if spelling in content]
        assert not found, f"{found} stand in {place}"


def test_k9_no_key_stands_in_a_file_or_the_log(house: House, said: set[str]) -> None:
    assert said
    for place, content in places(house).items():
        for secret in (piece for key in keys(house) for piece in pieces(key)):
            assert not any(spelling in content for spelling in spellings(secret)), place


def readable(house: House, marked: bool) -> Iterator[tuple[str, bytes]]:
    """The readable mappings: those that a core dump leaves out (dd in VmFlags of proc(5)), or those that it holds."""
    head = ""
    with open(process(house) / "mem", "rb") as memory, open(process(house) / "smaps") as smaps:
        for line in smaps:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                head = line
            elif line.startswith("VmFlags:") and (" dd" in line) == marked and head.split()[1].startswith("r") and "[v" not in head:
                begin, end = (int(number, 16) for number in head.split()[0].split("-"))
                if marked and end - begin > 1 << 20:
                    continue  # the shadow of a sanitizer; a secret has a page or two
                try:
                    memory.seek(begin)
                    yield head.strip(), memory.read(end - begin)
                except OSError:
                    continue  # a guard page, or what ends behind its file


def test_k9_a_core_dump_holds_no_kek_and_no_key(house: House, said: set[str]) -> None:
    assert said
    everything = keys(house)
    hidden = b"".join(content for _, content in readable(house, marked=True))
    assert all(key in hidden for key in everything), "where the keys are, this doesn't look"
    found = [
        (where, number)
        for where, content in readable(house, marked=False)
        for number, key in enumerate(everything)
        if any(piece in content for piece in pieces(key))
    ]
    assert not found, found


def dumps_core(pid: int) -> bool:
    """Lets it dump as much as it likes, and makes it."""
    resource.prlimit(pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.kill(pid, signal.SIGABRT)
    return os.WCOREDUMP(os.waitpid(pid, 0)[1])


def test_k9_the_kernel_writes_no_core_at_all(house: House, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if not dumps_core(subprocess.Popen(["sleep", "60"]).pid):
        pytest.skip("no process dumps core here: see /proc/sys/kernel/core_pattern")
    house.stop()
    house.start()  # where a core would do no harm
    assert house.antarad
    antarad, house.antarad = house.antarad, None
    try:
        assert not dumps_core(antarad.pid)
    finally:
        house.start()
