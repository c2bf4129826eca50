# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals at which nobody was asked: the account phase's, and "too many". What stands at the prompt can be explained."""

import json
import os
import pathlib
import re
from collections.abc import Iterator

import pytest
from conftest import SERVICES, Prompts, ended
from house import LIMITS, House, Person, instead_of

LINE_CHARS = 80
KNOCKS = 3  # of a user and address: a tenth of device_client
ACCOUNT = r"Not approved: this user may not sign in here\. Event (\w{4}-\w{2}) \(antaractl explain (\w{4}-\w{2})\)"
TOO_MANY = r"Not approved: that was too often, wait a few minutes\. Event (\w{4}-\w{2}) \(antaractl explain (\w{4}-\w{2})\)"
UNLINKED, UNKNOWN = "daemon", "antara-who"


def event_in(text: str, words: str) -> str:
    found = re.search(words, text)
    assert found and found[1] == found[2], text
    return found[1]


def account_phase(prompts: Prompts, user: str, service: str = "demo", flags: str = "") -> str:
    """All that is seen of a refusal."""
    prompt = prompts.ask(service, user, "acct_mgmt" + flags)
    text = ended(prompt)
    assert prompt.exitstatus == 1 and "account management done" not in text and "expired" in text
    return text


def explained(house: House, event: str) -> dict[str, str]:
    return dict(json.loads(house.ctl("explain", event).stdout))


@pytest.mark.parametrize("user", [UNLINKED, UNKNOWN])
def test_the_account_phase_tells_an_id_that_can_be_explained(house: House, prompts: Prompts, user: str) -> None:
    event = event_in(account_phase(prompts, user), ACCOUNT)
    told = explained(house, event)
    assert (told["what"], told["outcome"], told["reason"]) == ("refusal", "denied", "no-link")
    assert told["detail"] == f"web01 demo {user}" and "linked" in told["words"]
    line = next(line for line in house.log.splitlines() if "pam-refused" in line and event in line)
    assert "no-link" in line and "demo" in line and user in line


def test_it_tells_the_same_id_for_a_minute(house: House, prompts: Prompts) -> None:
    first = event_in(account_phase(prompts, "bin"), ACCOUNT)
    assert event_in(account_phase(prompts, "bin"), ACCOUNT) == first
    assert event_in(account_phase(prompts, "bin", "numbered"), ACCOUNT) != first
    assert explained(house, first)["detail"] == "web01 demo bin"
    assert sum("pam-refused" in line and first in line for line in house.log.splitlines()) == 1


def test_who_is_linked_is_told_nothing(house: House, prompts: Prompts, linked: Person) -> None:
    prompt = prompts.ask("demo", "nobody", "acct_mgmt")
    text = ended(prompt)
    assert prompt.exitstatus == 0 and "account management done" in text and "Event" not in text
    assert not [line for line in house.log.splitlines() if "pam-refused" in line and "nobody" in line]


def test_on_a_line_the_account_phase_is_short(house: House, prompts: Prompts) -> None:
    text = account_phase(prompts, UNLINKED, "lightdm")
    found = re.search(r"Not approved\. Event (\w{4}-\w{2})(?=\r)", text)
    assert found and len(found[0]) <= LINE_CHARS
    assert explained(house, found[1])["detail"] == f"web01 lightdm {UNLINKED}"


def test_under_silent_the_log_alone_has_it(house: House, prompts: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Event" not in account_phase(prompts, "sys", flags="(PAM_SILENT)")
    monkeypatch.setitem(os.environ, "PAM_WRAPPER_DEBUGLEVEL", "2")  # what goes to syslog is on standard error
    found = re.search(r"not approved, event (\w{4}-\w{2})", account_phase(prompts, "sys", flags="(PAM_SILENT)"))
    assert found and explained(house, found[1])["detail"] == "web01 demo sys"


@pytest.fixture
def strict(house: House, prompts: Prompts, tmp_path: pathlib.Path) -> Iterator[Prompts]:
    """A house where three conversations of a user are enough."""
    limits = LIMITS.replace("device_client:10000/60", "device_client:30/600").replace("otp_client:10000/60", "otp_client:10/600")
    with instead_of(house, tmp_path, services=SERVICES, limits=limits) as other:
        yield Prompts(other, prompts.folder)


def knock(prompts: Prompts, user: str) -> None:
    for _ in range(KNOCKS):
        prompt = prompts.ask("paged", user)
        prompt.expect_exact("Code  ")
        prompt.close(force=True)


def too_many(prompts: Prompts, user: str, service: str = "paged") -> str:
    prompt = prompts.ask(service, user)
    text = ended(prompt)
    assert prompt.exitstatus == 1 and "Code" not in text and "maximum number of retries" in text, text
    return text


def test_p3_too_many_tells_an_id_that_can_be_explained_whoever_it_is(strict: Prompts) -> None:
    house = strict.house
    person = Person(house, "knocked@example.org")
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email)
    seen = set()
    for user in ("nobody", UNLINKED, UNKNOWN):
        knock(strict, user)
        text = too_many(strict, user)
        event = event_in(text, TOO_MANY)
        assert event_in(too_many(strict, user), TOO_MANY) == event
        told = explained(house, event)
        assert (told["what"], told["outcome"], told["reason"]) == ("refusal", "denied", "too-many")
        assert told["detail"] == f"web01 paged {user}"
        (line,) = [line for line in house.log.splitlines() if "pam-refused" in line and user in line]
        assert event in line
        seen.add(text[text.index("Not approved") :].replace(event, "EVENT"))
    assert len(seen) == 1
