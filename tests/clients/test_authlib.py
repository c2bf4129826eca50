# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Authlib: the code, ID tokens of each algorithm, refresh, revocation."""

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from consent import browse
from house import House, Person

REDIRECT_URI = "http://127.0.0.1:9/callback"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_authlib_signs_in_refreshes_and_revokes(house: House, person: Person, algorithm: str) -> None:
    client_id = house.add_app("Bakery", REDIRECT_URI)
    house.ctl("app", "set", client_id, "--id-token-alg", algorithm)
    about = requests.get(house.issuer + "/.well-known/openid-configuration", timeout=20).json()
    verifier = "v" * 43
    app = OAuth2Session(client_id, scope="openid offline_access", redirect_uri=REDIRECT_URI, token_endpoint_auth_method="none", code_challenge_method="S256")
    url, state = app.create_authorization_url(about["authorization_endpoint"], code_verifier=verifier, nonce="once")
    token = app.fetch_token(about["token_endpoint"], authorization_response=browse(person, url), state=state, code_verifier=verifier)

    keys = JsonWebKey.import_key_set(requests.get(about["jwks_uri"], timeout=20).json())
    claims = jwt.decode(token["id_token"], keys, claims_options={"iss": {"value": house.issuer}, "aud": {"value": client_id}})
    claims.validate()
    assert claims.header["alg"] == algorithm and claims["nonce"] == "once"
    assert app.get(about["userinfo_endpoint"]).json() == {"sub": claims["sub"]}

    fresh = app.refresh_token(about["token_endpoint"])
    assert fresh["refresh_token"] != token["refresh_token"]
    assert app.revoke_token(about["revocation_endpoint"], token=fresh["refresh_token"]).status_code == 200
    assert app.get(about["userinfo_endpoint"]).status_code == 401
