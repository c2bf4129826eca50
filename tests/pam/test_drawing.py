# SPDX-License-Identifier: GPL-3.0-or-later
"""The QR code at a prompt: what it says, and that it fits a small terminal or isn't there."""

import pathlib
import re
import subprocess

import pytest
from conftest import PROMPT, Prompts
from house import House, instead_of
from talks import talk

ROWS = 17
LABEL = "a" * 63
NO_MAIL = "smtp://127.0.0.1:9"  # a maildir is for loopback issuers


def drawn(screen: str) -> list[str]:
    return [line for line in screen.replace("\r", "").split("\n") if set(line) & set("█▀▄")]


def read_qr(rows: list[str], folder: pathlib.Path) -> str:
    """Paints the half blocks, and lets zbar read them."""
    pixels = []
    for row in rows:
        for top in (True, False):
            light = "█▀" if top else "█▄"
            pixels += ["".join(("1 " if sign in light else "0 ") * 4 for sign in row)] * 4
    width = len(pixels[0].split())
    picture = folder / "qr.pgm"
    picture.write_text(f"P2 {width} {len(pixels)} 1\n" + "\n".join(pixels) + "\n")
    return subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, check=True).stdout.strip()


def link_on(screen: str, issuer: str) -> str:
    found = re.search(r"Code  (\w{4})-(\w{4})", screen)
    assert found and f"{issuer}/d " in screen
    return f"{issuer}/d/{found[1]}{found[2]}".upper()


def test_the_screen_names_host_user_url_and_code_and_draws_the_url(prompts: Prompts, house: House, tmp_path: pathlib.Path) -> None:
    prompt = prompts.ask()
    prompt.expect_exact(PROMPT)
    screen = str(prompt.before)
    prompt.close(force=True)
    assert "sign in nobody on web01 (demo" in screen
    rows = drawn(screen)
    assert len(rows) == ROWS and read_qr(rows, tmp_path) == link_on(screen, house.issuer)


@pytest.mark.parametrize(
    ("host", "fits"),
    [("a" * 23 + ".test", True), ("a" * 24 + ".test", False), (f"{LABEL}.{LABEL}.{LABEL}.{'a' * 61}", False)],
    ids=["28", "29", "253"],
)
def test_a_long_url_is_written_and_not_drawn_in_more_rows(
    prompts: Prompts, house: House, tmp_path_factory: pytest.TempPathFactory, host: str, fits: bool
) -> None:
    """What a host's name is too long for by one character; and the longest."""
    issuer = f"https://{host}"
    folder = tmp_path_factory.mktemp("long")
    with instead_of(house, folder, services="tenant = long\n[service demo]", tenant=f"[tenant long]\nissuer = {issuer}", transport=NO_MAIL):
        screen = talk(prompts, "typed", 1, ANTARA_TEST_TTY="/dev/pts/3")["calls"][0][0][1]
    link = link_on(screen, issuer)
    rows = drawn(screen)
    assert len(rows) == (ROWS if fits else 0)
    assert not fits or read_qr(rows, folder) == link
