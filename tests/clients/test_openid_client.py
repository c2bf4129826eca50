# SPDX-License-Identifier: GPL-3.0-or-later
"""OAuth clients that others wrote."""

import json
import pathlib
import subprocess
import urllib.parse

from house import House, Person

HERE = pathlib.Path(__file__).resolve().parent
REDIRECT_URI = "http://127.0.0.1:9/callback"


def test_openid_client_signs_in_refreshes_and_revokes(house: House, person: Person) -> None:
    client_id = house.add_app("Bakery", REDIRECT_URI)
    command = ["node", "openid-client.mjs", house.issuer, client_id, REDIRECT_URI]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as app:
        assert app.stdin and app.stdout and app.stderr
        url = app.stdout.readline().strip()
        assert url.startswith(house.issuer), app.stderr.read()
        page = person.submit(person.sign_in(person.get(url)), button="approve")
        assert urllib.parse.urlsplit(page.headers["Location"]).netloc == "127.0.0.1:9"
        out, problems = app.communicate(page.headers["Location"] + "\n", timeout=60)
        assert app.returncode == 0, problems
    got = json.loads(out)
    assert got["info"] == got["again"] == {"sub": got["subject"]}
    assert got["issuer"] == house.issuer and got["audience"] == client_id
    assert got["after"] == "revoked"
