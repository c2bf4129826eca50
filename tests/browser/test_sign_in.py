# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do on the web, in Chromium, with and without JavaScript, on a phone and a desktop, light and dark."""

import json
import pathlib
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import private_bus
import pytest
from house import ROOT, House, free_port, wait_until
from oauth import REDIRECT_URI, App

HERE = pathlib.Path(__file__).resolve().parent


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


@pytest.fixture(scope="module")
def apps(house: House) -> Iterator[list[dict[str, str]]]:
    rows, processes = [], []
    for name in ("Bakery", "Library"):
        port = free_port()
        client_id = house.add_app(name, f"http://127.0.0.1:{port}/callback")
        words = ["--issuer", house.issuer, "--client-id", client_id, "--port", str(port), "--name", name]
        processes.append(subprocess.Popen(["/usr/bin/python3", str(ROOT / "examples/webapp.py"), *words]))
        rows.append({"name": name, "url": f"http://127.0.0.1:{port}/"})
        wait_until(lambda: answers(rows[-1]["url"]))
    yield rows
    for process in processes:
        private_bus.stop(process)


LOOKS = [{"javascript": True, "phone": False, "dark": False}, {"javascript": False, "phone": True, "dark": True}]


def tell(story: str, house: House, asked: dict[str, object]) -> dict[str, Any]:
    """Plays a story in Chromium, hands it the mailed link, and gives what it saw."""
    command = ["node", story, json.dumps({"issuer": house.issuer, **asked})]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as browser:
        assert browser.stdin and browser.stdout and browser.stderr
        first = browser.stdout.readline().strip()
        assert first == "mail", first + browser.stderr.read()
        out, problems = browser.communicate(house.letter(str(asked["email"])).link + "\n", timeout=120)
        assert browser.returncode == 0, problems
    got = dict(json.loads(out.splitlines()[-1]))
    assert got["foreign"] == [] and got["violations"] == [] and got["barriers"] == []
    return got


@pytest.mark.parametrize("look", LOOKS)
def test_a_person_signs_in_to_two_apps_and_sees_two_slugs(house: House, apps: list[dict[str, str]], tmp_path: pathlib.Path, look: dict[str, bool]) -> None:
    email = f"chromium{int(look['javascript'])}@example.org"
    got = tell("sign-in.mjs", house, {"apps": apps, "email": email, "folder": str(tmp_path), **look})
    assert len(set(got["slugs"])) == 2 and got["again"] == got["slugs"][0]
    assert email in got["me"] and all(app["name"] in got["me"] for app in apps)


@pytest.mark.parametrize("look", LOOKS)
def test_the_answer_comes_by_form_post_and_the_app_signs_the_person_out(house: House, tmp_path: pathlib.Path, look: dict[str, bool]) -> None:
    app = App(house, house.add_app("Bakery", REDIRECT_URI))
    house.ctl("app", "set", app.client_id, "--post-logout-redirect-uri", REDIRECT_URI)
    leave = urllib.parse.urlencode({"client_id": app.client_id, "post_logout_redirect_uri": REDIRECT_URI, "state": "bye"})
    asked = {
        "authorize": house.issuer + app.authorize_url(response_mode="form_post"),
        "logout": f"{house.issuer}/oauth/logout?{leave}",
        "callback": REDIRECT_URI,
        "email": f"posted{int(look['javascript'])}@example.org",
        "folder": str(tmp_path),
    }
    got = tell("answers.mjs", house, {**asked, **look})
    posted, left = got["arrived"]
    answer = dict(urllib.parse.parse_qsl(posted["body"]))
    assert posted["method"] == "POST" and posted["url"] == REDIRECT_URI and answer["state"] == app.state and answer["iss"] == house.issuer
    assert app.redeem(answer["code"]).status_code == 200
    assert left["method"] == "GET" and left["url"] == REDIRECT_URI + "?state=bye" and got["signedOut"]


@pytest.mark.parametrize("look", LOOKS)
def test_a_link_opened_elsewhere_shows_a_number_that_signs_in_where_it_began(house: House, tmp_path: pathlib.Path, look: dict[str, bool]) -> None:
    email = f"elsewhere{int(look['javascript'])}@example.org"
    got = tell("elsewhere.mjs", house, {"email": email, "folder": str(tmp_path), **look})
    assert got["desk"] is False and got["phone"] is True
