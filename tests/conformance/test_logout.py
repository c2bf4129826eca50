# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of the suite's plan for RP-initiated logout. Who is signed in is always asked; what counts is where he is afterwards."""

import base64
import json
import urllib.parse
from dataclasses import dataclass

import pytest
import requests
from house import Forms, House, Person
from oauth import REDIRECT_URI, base64url
from relying_party import RelyingParty, discover

AFTER = "https://bakery.example/after"
STATE = "s-" + base64url(b"of the suite: as long as it likes")


@dataclass
class Visit:
    """One person who has signed in at one relying party."""

    client: RelyingParty
    person: Person
    id_token: str

    def ask(self, **parameters: str) -> requests.Response:
        """Sends the browser to the end session endpoint."""
        endpoint = self.client.endpoint("end_session_endpoint")
        return self.person.get(endpoint + ("?" + urllib.parse.urlencode(parameters) if parameters else ""))

    def sign_out(self, **parameters: str) -> requests.Response:
        page = self.ask(**parameters)
        ((action, form),) = [one for one in Forms(page.text).forms if one[0].startswith("/oauth/logout")]
        return self.person.post(action, form)

    def is_over(self) -> bool:
        """A request without a page tells whether somebody is signed in."""
        got = self.client.again().ask(self.person, prompt="none", id_token_hint=self.id_token)
        assert ("error" in got) == ("code" not in got) and got.get("error", "login_required") == "login_required"
        return "error" in got

    def refused(self, page: requests.Response) -> None:
        """The suite wants a page with an error, which a person looks at, and no way back."""
        assert page.status_code == 400 and "Location" not in page.headers
        assert "text/html" in page.headers["Content-Type"] and AFTER not in page.text
        assert not self.is_over()


def returned(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 303
    there = urllib.parse.urlsplit(answer.headers["Location"])
    assert there._replace(query="").geturl() == AFTER and there.fragment == ""
    return dict(urllib.parse.parse_qsl(there.query, strict_parsing=bool(there.query)))


@pytest.fixture
def visit(house: House, person: Person) -> Visit:
    added = house.ask("app", "add", "Bakery", "--redirect-uri", REDIRECT_URI, "--post-logout-redirect-uri", AFTER)
    client = RelyingParty(house, str(added["client_id"]))
    tokens, _ = client.flow(person)
    return Visit(client, person, tokens["id_token"])


def test_oidcc_rp_initiated_logout(visit: Visit) -> None:
    assert not visit.is_over()
    assert returned(visit.sign_out(id_token_hint=visit.id_token, post_logout_redirect_uri=AFTER, state=STATE)) == {"state": STATE}
    assert visit.is_over()


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(house: House) -> None:
    assert discover(house)["end_session_endpoint"] == house.issuer + "/oauth/logout"


def test_oidcc_rp_initiated_logout_no_params(visit: Visit) -> None:
    page = visit.sign_out()
    assert page.status_code == 200 and "signed out" in page.text
    assert visit.is_over()


def test_oidcc_rp_initiated_logout_no_state(visit: Visit) -> None:
    assert returned(visit.sign_out(id_token_hint=visit.id_token, post_logout_redirect_uri=AFTER)) == {}
    assert visit.is_over()


def test_oidcc_rp_initiated_logout_only_state(visit: Visit) -> None:
    page = visit.sign_out(state=STATE)
    assert page.status_code == 200 and "signed out" in page.text and STATE not in page.text
    assert visit.is_over()


def test_oidcc_rp_initiated_logout_no_id_token_hint(visit: Visit) -> None:
    visit.refused(visit.ask(post_logout_redirect_uri=AFTER, state=STATE))


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(visit: Visit) -> None:
    page = visit.sign_out(id_token_hint=visit.id_token, state=STATE)
    assert page.status_code == 200 and "signed out" in page.text
    assert visit.is_over()


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(visit: Visit) -> None:
    visit.refused(visit.ask(id_token_hint=visit.id_token, post_logout_redirect_uri=AFTER + "/bad", state=STATE))


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(visit: Visit) -> None:
    visit.refused(visit.ask(id_token_hint=visit.id_token, post_logout_redirect_uri=AFTER + "?foo=bar", state=STATE))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(visit: Visit) -> None:
    visit.refused(visit.ask(id_token_hint="bad." + visit.id_token, post_logout_redirect_uri=AFTER, state=STATE))


def test_oidcc_rp_initiated_logout_modified_id_token_hint(visit: Visit) -> None:
    """Another subject under the old signature."""
    head, payload, signature = visit.id_token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    changed = base64url(json.dumps({**claims, "sub": claims["sub"][::-1]}).encode())
    visit.refused(visit.ask(id_token_hint=f"{head}.{changed}.{signature}", post_logout_redirect_uri=AFTER, state=STATE))
