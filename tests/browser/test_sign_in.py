# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole web sign-in in Chromium, with and without JavaScript, on a phone and a desktop, light and dark."""

import json
import pathlib
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator

import private_bus
import pytest
from house import ROOT, House, free_port, wait_until

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


@pytest.mark.parametrize(("javascript", "phone", "dark"), [(True, False, False), (False, True, True)])
def test_a_person_signs_in_to_two_apps_and_sees_two_slugs(
    house: House, apps: list[dict[str, str]], tmp_path: pathlib.Path, javascript: bool, phone: bool, dark: bool
) -> None:
    email = f"chromium{int(javascript)}@example.org"
    asked = {"issuer": house.issuer, "apps": apps, "email": email, "folder": str(tmp_path), "javascript": javascript, "phone": phone, "dark": dark}
    command = ["node", "sign-in.mjs", json.dumps(asked)]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as browser:
        assert browser.stdin and browser.stdout and browser.stderr
        first = browser.stdout.readline().strip()
        assert first == "mail", first + browser.stderr.read()
        out, problems = browser.communicate(house.letter(email).link + "\n", timeout=120)
        assert browser.returncode == 0, problems
    got = json.loads(out.splitlines()[-1])
    assert len(set(got["slugs"])) == 2 and got["again"] == got["slugs"][0]
    assert got["foreign"] == [] and got["violations"] == [] and got["barriers"] == []
    assert email in got["me"] and all(app["name"] in got["me"] for app in apps)
