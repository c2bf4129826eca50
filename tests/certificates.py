# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for tests, by the openssl command."""

import os
import pathlib
import subprocess

RSA = ("rsa:2048",)
ECDSA = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
ED25519 = ("ed25519",)


def issue(folder: pathlib.Path, name: str = "localhost", kind: tuple[str, ...] = ECDSA) -> tuple[pathlib.Path, pathlib.Path]:
    """A fresh key and its own certificate, put in place as programs that renew them do: renamed over the old."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    words = ["openssl", "req", "-x509", "-nodes", "-newkey", *kind, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-days", "2"]
    subprocess.run([*words, "-keyout", f"{key}.new", "-out", f"{chain}.new"], check=True, capture_output=True)
    os.chmod(f"{key}.new", 0o600)
    for path in (key, chain):
        os.rename(f"{path}.new", path)
    return chain, key
