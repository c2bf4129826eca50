# SPDX-License-Identifier: GPL-3.0-or-later
"""Email addresses and host names that somebody chose to mislead: rows M6 to M8 of the threat model."""

import socket
import urllib.parse

import pytest
import requests
from house import Forms, House, Person


def raw(house: House, head: str, body: str = "") -> str:
    """The whole answer to a request that no client would send."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as client:
        lines = [*head.split("\n"), f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded", "Connection: close"]
        client.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        answer = b""
        while more := client.recv(65536):
            answer += more
    return answer.decode()


def same_account(house: House, typed: str, person: Person) -> bool:
    """Somebody else's browser, with another spelling of her address, ends at her account."""
    other = Person(house, typed)
    waiting = other.submit(other.get("/login"), email=typed)
    other.submit(waiting, code=house.letter(person.email).code)
    return person.email in other.get("/me").text


FOREIGN = ["X-Forwarded-Host: evil.example", "Forwarded: host=evil.example;proto=https", "X-Original-Host: evil.example", "X-Forwarded-Server: evil.example"]


@pytest.mark.parametrize("line", FOREIGN)
def test_m6_no_header_moves_the_link_to_another_host(house: House, person: Person, line: str) -> None:
    head = f"POST /login HTTP/1.1\nHost: localhost:{house.port}\nOrigin: {house.issuer}\n{line}"
    answer = raw(house, head, urllib.parse.urlencode({"email": person.email}))
    assert answer.startswith("HTTP/1.1 303") and "evil" not in answer
    assert house.letter(person.email).link.startswith(house.issuer + "/login/link/")


@pytest.mark.parametrize(
    "first",
    [
        "POST /login HTTP/1.1\nHost: evil.example",
        "POST http://evil.example/login HTTP/1.1\nHost: evil.example",
        "POST //evil.example/login HTTP/1.1\nHost: localhost",
    ],
)
def test_m6_a_host_that_is_not_ours_sends_no_mail(house: House, person: Person, first: str) -> None:
    answer = raw(house, f"{first}\nOrigin: {house.issuer}", urllib.parse.urlencode({"email": person.email}))
    assert answer.split(" ")[1] in ("400", "404", "421") and "evil" not in answer
    assert house.ask("status")["mail_waiting"] == 0 and not house.mailbox.fresh()


def test_m6_an_absolute_form_that_disagrees_with_host_sends_no_mail(house: House, person: Person) -> None:
    for target, host in ((house.issuer, "evil.example"), ("http://evil.example", f"localhost:{house.port}")):
        head = f"POST {target}/login HTTP/1.1\nHost: {host}\nOrigin: {house.issuer}"
        answer = raw(house, head, urllib.parse.urlencode({"email": person.email}))
        assert answer.split(" ")[1] in ("400", "421") and "evil" not in answer
    assert house.ask("status")["mail_waiting"] == 0 and not house.mailbox.fresh()


CONTROLS = ["\x00", "\x01", "\t", "\n", "\r", "\r\n", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("control", CONTROLS, ids=[ascii(control) for control in CONTROLS])
def test_m7_no_control_character_gets_into_a_mail_s_head(house: House, person: Person, control: str) -> None:
    for email in (f"a{control}Bcc: b@example.org", f"a@example.org{control}Bcc: b@example.org", f"a@exam{control}ple.org"):
        assert person.post("/login", {"email": email}).status_code == 400
    if control != "\x00":  # no command can be given one
        refused = house.ctl("app", "add", f"Bakery{control}Bcc: b@example.org", "--redirect-uri", "https://app.example/cb", check=False)
        assert refused.returncode == 1
    assert house.ask("status")["mail_waiting"] == 0 and not house.mailbox.fresh()


def test_m7_a_browser_s_name_makes_no_line_of_the_mail(house: House, person: Person) -> None:
    person.web.headers["User-Agent"] = "Firefox\u2028Linux\x85Bcc: b@example.org".encode().decode("latin-1")
    person.submit(person.get("/login"), email=person.email)
    assert all("Bcc" not in line[:4] for line in house.letter(person.email).text.splitlines())


def test_m8_one_address_in_two_spellings_is_one_account(house: House) -> None:
    person = Person(house, "ana.plus+shop@xn--bcher-kva.example")
    person.sign_in()
    for typed in ("ANA.Plus+Shop@BÜCHER.example", "  ana.plus+shop@bücher.example ", "Ana.Plus+shop@XN--BCHER-KVA.EXAMPLE"):
        assert same_account(house, typed, person), typed


def test_m8_what_only_looks_alike_is_another_account(house: House) -> None:
    person = Person(house, "twin@example.org")
    person.sign_in()
    for typed in ("twin+a@example.org", "tw.in@example.org", "twin@examp1e.org"):
        other = Person(house, typed)
        other.sign_in()
        page = other.get("/me").text
        assert typed in page and person.email not in page


MISLEADING = [
    "аlice@example.org",
    "alice@exаmple.org",
    "alice@xn--exmple-4nf.org",
    "alice\u202e@example.org",
    "a" * 65 + "@example.org",
    "a@" + "b" * 64 + ".org",
]
MISLEADING.append("a@" + ".".join(["b" * 60] * 5))


@pytest.mark.parametrize("email", MISLEADING, ids=[ascii(email)[:30] for email in MISLEADING])
def test_m8_mixed_scripts_and_over_long_addresses_are_refused_with_words(person: Person, email: str) -> None:
    answer = person.post("/login", {"email": email})
    assert answer.status_code == 400 and 'aria-invalid="true"' in answer.text
    assert Forms(answer.text).forms


def test_m8_an_administrator_meets_the_same_rules(house: House) -> None:
    assert house.ctl("account", "add", "аlice@example.org", check=False).returncode != 0
    first = house.ask("account", "add", "Case@EXAMPLE.org")["id"]
    assert house.ask("account", "find", "case@example.org")["id"] == first


def test_m8_a_form_in_another_encoding_is_refused(house: House) -> None:
    headers = {"Origin": house.issuer, "Content-Type": "application/x-www-form-urlencoded"}
    assert requests.post(house.issuer + "/login", data=b"email=a%ff%40example.org", headers=headers, timeout=20).status_code == 400
