# SPDX-License-Identifier: GPL-3.0-or-later
"""Back-channel logout, to receivers that are good, slow, lying, or not there at all. One logout of one person serves most tests: each app is told at
a random time within 30 seconds. Names begin with rows of the threat model."""

import re
import time
from collections.abc import Iterator

import pytest
from backchannel import EVENT, WAIT_SECONDS, Claims, Place, id_claims, new_place, read_token, sign_out
from house import House, Person, wait_until
from oauth import REDIRECT_URI, App

GOOD = 10  # ordinary apps of the person who signs out
BAD = {"redirect": "/redirect", "endless": "/endless", "head": "/endless-head", "slow": "/slow", "silent": "/silent"}
CUT = (BAD["head"], BAD["slow"], BAD["silent"])  # each is tried once more
CLOSED = {
    "private": "10.1.2.3",
    "private-b": "172.16.0.1",
    "private-c": "192.168.1.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "carrier": "100.64.0.1",
    "unspecified": "0.0.0.0",
    "multicast": "224.0.0.1",
    "unique-local": "fd00::1",
    "link-local-6": "fe80::1",
    "multicast-6": "ff02::1",
    "mapped": "::ffff:10.1.2.3",
    "nat64": "64:ff9b::a01:203",
    "six-to-four": "2002:a01:203::1",
    "one-of-two": "127.0.0.1 10.1.2.3",
}


def add_app(house: House, name: str, uri: str | None, *words: str) -> App:
    told = ["--backchannel-logout-uri", uri] if uri else []
    return App(house, str(house.ask("app", "add", name, "--redirect-uri", REDIRECT_URI, *told, *words)["client_id"]))


def enter(app: App, person: Person, scope: str = "openid") -> Claims:
    """The claims of the ID token with which the app signs him in."""
    answer = app.redeem(app.code(person, scope=scope))
    assert answer.status_code == 200, answer.text
    return id_claims(answer.json()["id_token"])


class Story:
    """One person enters many apps and signs out once; then all is over that must be."""

    def __init__(self, place: Place) -> None:
        self.place, house = place, place.house
        self.person = Person(house, "alice@example.org")
        self.apps: dict[str, App] = {}
        place.names.say(**CLOSED)
        for number in range(GOOD):
            self.add(f"good-{number}", place.receiver.url(f"/good-{number}"))
        self.add("ecdsa", place.receiver.url("/ecdsa"), "--id-token-alg", "ES256")
        self.add("eddsa", place.receiver.url("/eddsa"), "--id-token-alg", "EdDSA")
        self.add("offline", place.receiver.url("/offline"))
        self.add("left", place.receiver.url("/left"))
        self.add("late", place.receiver.url("/late?a=b"))
        self.add("refusing", place.receiver.url("/refusing"))
        self.add("quiet", None)
        for name, path in BAD.items():
            self.add(name, place.receiver.url(path))
        for name in CLOSED:
            self.add(name, place.receiver.url("/closed", f"{name}.rp.test"))
        place.receiver.statuses |= {"/late": [503, 200], "/refusing": [400]}
        self.claims = {name: enter(app, self.person, "openid offline_access" if name == "offline" else "openid") for name, app in self.apps.items()}
        self.leave("left")
        self.begun = time.time()
        sign_out(self.person)
        self.signed_out = time.time()
        wait_until(self.is_over, WAIT_SECONDS + 60)

    def add(self, name: str, uri: str | None, *words: str) -> None:
        self.apps[name] = add_app(self.place.house, name, uri, *words)

    def leave(self, name: str) -> None:
        slug = str(self.claims[name]["sub"])
        page = self.person.get("/me").text
        card = page[page.index(slug) :]
        identity = re.search(r'name="identity" value="([^"]+)"', card)
        token = re.search(r'name="form_token" value="([^"]+)"', card)
        assert identity and token
        self.person.post("/me/leave", {"identity": identity[1], "form_token": token[1]})

    def is_over(self) -> bool:
        letters = {letter.path.partition("?")[0] for letter in self.place.receiver.letters}
        told = {f"/good-{number}" for number in range(GOOD)} | {"/ecdsa", "/eddsa", "/offline", "/refusing", *BAD.values()}
        twice = all(len(self.place.letters(path)) >= 2 for path in ("/late?a=b", *CUT))
        return told <= letters and twice and len(self.failures("not public")) >= len(CLOSED)

    def failures(self, words: str) -> list[str]:
        return [line for line in self.place.house.log.splitlines() if words in line]


@pytest.fixture(scope="module")
def place(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with new_place(tmp_path_factory.mktemp("place"), bus) as running:
        yield running


@pytest.fixture(scope="module")
def story(place: Place) -> Story:
    return Story(place)


def test_each_app_gets_a_token_of_its_own_about_its_own_session(story: Story) -> None:
    seen: set[str] = set()
    for number in range(GOOD):
        (letter,) = story.place.letters(f"/good-{number}")
        token, known = read_token(story.place.house, letter), story.claims[f"good-{number}"]
        assert set(token) == {"iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"}
        assert token["events"] == {EVENT: {}}
        assert (token["iss"], token["aud"], token["sub"], token["sid"]) == (known["iss"], known["aud"], known["sub"], known["sid"])
        assert isinstance(token["iat"], int) and abs(token["iat"] - letter.time) < 5, "it is signed when it is sent"
        assert isinstance(token["exp"], int) and 0 < token["exp"] - token["iat"] <= 120
        seen |= {str(token[name]) for name in ("jti", "sub", "sid", "aud")}
    assert len(seen) == 4 * GOOD


def test_the_algorithm_is_the_apps(story: Story) -> None:
    read_token(story.place.house, story.place.letters("/ecdsa")[0], "ES256")
    read_token(story.place.house, story.place.letters("/eddsa")[0], "EdDSA")


def test_an_app_with_offline_access_is_told_too(story: Story) -> None:
    assert read_token(story.place.house, story.place.letters("/offline")[0])["sid"] == story.claims["offline"]["sid"]


def test_who_was_left_is_not_told_nor_who_never_asked(story: Story) -> None:
    assert not story.place.letters("/left")
    assert not story.failures("quiet")


def test_an_app_that_is_away_is_told_later_by_a_new_token(story: Story) -> None:
    first, second = story.place.letters("/late?a=b")
    tokens = [read_token(story.place.house, letter) for letter in (first, second)]
    assert second.time - first.time >= 9.5
    assert tokens[0]["jti"] != tokens[1]["jti"] and tokens[0]["sid"] == tokens[1]["sid"]


def test_an_app_that_refuses_is_not_asked_again(story: Story) -> None:
    assert len(story.place.letters("/refusing")) == 1
    assert story.failures("rp.test answered 400")


def test_o15_the_news_comes_at_random_times_by_connections_of_their_own(story: Story) -> None:
    letters = [story.place.letters(f"/good-{number}")[0] for number in range(GOOD)]
    times = sorted(letter.time for letter in letters)
    assert story.begun <= times[0] and times[-1] <= story.signed_out + WAIT_SECONDS + 5
    assert times[-1] - times[0] > 5, "all within five seconds of thirty: once in 30,000 runs"
    assert len({letter.client for letter in letters}) == GOOD and not any(letter.resumed for letter in letters)


def test_o15_who_was_told_late_is_not_told_together(place: Place, story: Story) -> None:
    """What waited while the daemon was away would all be due at its start."""
    bob = Person(place.house, "bob@example.org")
    for number in range(GOOD):
        enter(add_app(place.house, f"later-{number}", place.receiver.url(f"/later-{number}")), bob)
    sign_out(bob)
    gone = time.time()
    place.house.kill()
    wait_until(lambda: time.time() > gone + WAIT_SECONDS + 3, WAIT_SECONDS + 10)
    before = sum(bool(place.letters(f"/later-{number}")) for number in range(GOOD))
    place.house.start()
    letters = [place.wait(f"/later-{number}", 150) for number in range(GOOD)]
    late = sorted(letter.time for letter in letters if letter.time > gone + WAIT_SECONDS)
    assert len(late) == GOOD - before >= 3
    assert late[-1] - late[0] > 1


@pytest.mark.parametrize(
    "uri",
    [
        "http://bakery.example/logout",
        "https://10.1.2.3/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:10.1.2.3]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::a01:203]/",
        "https://[fe80::1%25lo]/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://localhost/",
        "https://metadata.google.internal/",
        "https://printer.local/",
        "https://bakery/",
        "https://user@bakery.example/",
        "https://bakery.example/#x",
        "https://bakery.example:0/",
        "https://bakery.example\\@evil.example/",
        "https://b\u00e4ckerei.example/",
        "https://bakery.example/" + "x" * 1024,
        "javascript:alert(1)",
        "/logout",
    ],
)
def test_h1_what_is_no_public_https_address_is_not_registered(place: Place, uri: str) -> None:
    refused = place.house.ctl("app", "add", "Bad", "--redirect-uri", REDIRECT_URI, "--backchannel-logout-uri", uri, check=False)
    assert refused.returncode == 1 and "back-channel logout URI" in refused.stderr
    client_id = place.house.add_app("Good")
    refused = place.house.ctl("app", "set", client_id, "--backchannel-logout-uri", uri, check=False)
    assert refused.returncode == 1 and "back-channel logout URI" in refused.stderr


def test_h1_nothing_is_sent_to_an_address_that_is_not_public(story: Story) -> None:
    assert not story.place.letters("/closed")
    for name in CLOSED:
        assert any("not public" in line for line in story.failures(f"{name}.rp.test")), name


def test_h2_a_name_that_was_good_and_is_not_any_more_is_not_followed(place: Place, story: Story) -> None:
    """What counts is what the name says at the connection: it was good at the registration, and a moment ago."""
    carol = Person(place.house, "carol@example.org")
    place.names.say(rebinding="127.0.0.1")
    app = add_app(place.house, "Rebinding", place.receiver.url("/rebinding", "rebinding.rp.test"))
    enter(app, carol)
    sign_out(carol)
    place.wait("/rebinding")
    place.names.say(rebinding="192.168.7.7")
    enter(app, carol)
    sign_out(carol)
    wait_until(lambda: [line for line in story.failures("rebinding.rp.test") if "not public" in line], WAIT_SECONDS + 15)
    assert len(place.letters("/rebinding")) == 1


def test_h3_a_redirect_is_not_followed(story: Story) -> None:
    assert story.place.letters("/redirect") and not story.place.letters("/secret")
    assert story.failures("rp.test answered 302")


def test_h4_endless_slow_and_silent_receivers_are_cut(story: Story) -> None:
    """Of an answer without end nobody reads more than its status; the others are over in 10 seconds, and tried once more 10 seconds later."""
    for path in CUT:
        first, second = story.place.letters(path)[:2]
        assert second.time - first.time < 10 + 10 + 10
    assert len(story.place.letters(BAD["endless"])) == 1


def test_h4_nobody_else_waits_for_them(story: Story) -> None:
    for number in range(GOOD):
        assert story.place.letters(f"/good-{number}")[0].time <= story.signed_out + WAIT_SECONDS + 5


def test_no_slug_or_token_stands_in_the_log(story: Story) -> None:
    for name, claims in story.claims.items():
        assert str(claims["sub"]) not in story.place.house.log and str(claims["sid"]) not in story.place.house.log, name
    assert "logout_token" not in story.place.house.log
