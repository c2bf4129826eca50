# SPDX-License-Identifier: GPL-3.0-or-later
"""The module of the suite's config plan: what must stand in the discovery document, whatever the provider can."""

import base64
import urllib.parse

import requests
from house import House
from relying_party import discover

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
REQUIRED = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported", "subject_types_supported"}


def key_is_sound(key: dict[str, str]) -> bool:
    """RFC 7517, 7518: a public key to verify signatures with, long enough."""
    numbers = [base64.urlsafe_b64decode(key[name] + "==") for name in ("n", "e", "x", "y") if name in key]
    if key["kty"] == "RSA":
        return len(numbers[0]) >= 256 and numbers[0][0] != 0 and numbers[1] == b"\1\0\1"
    return all(len(number) == 32 for number in numbers)


def test_oidcc_discovery_endpoint_verification(house: House) -> None:
    metadata = discover(house)
    assert REQUIRED <= set(metadata) and metadata["issuer"] == house.issuer
    for name, value in metadata.items():
        if name.endswith("_endpoint") or name.endswith("_uri"):
            assert urllib.parse.urlsplit(str(value)).fragment == "" and str(value).startswith(house.issuer + "/"), name
        elif name.endswith("_supported") and not isinstance(value, bool):
            assert isinstance(value, list) and value and len(value) == len(set(value)), name
    assert "code" in metadata["response_types_supported"] and "openid" in metadata["scopes_supported"]
    assert metadata["subject_types_supported"] == ["pairwise"]
    assert "RS256" in metadata["id_token_signing_alg_values_supported"] and "none" not in metadata["id_token_signing_alg_values_supported"]
    assert {"iss", "sub", "aud", "exp", "iat"} <= set(metadata["claims_supported"])

    keys = requests.get(str(metadata["jwks_uri"]), timeout=20).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) and {key["alg"] for key in keys} == set(metadata["id_token_signing_alg_values_supported"])
    for key in keys:
        assert key["use"] == "sig" and not PRIVATE_MEMBERS & set(key) and key_is_sound(key)
