# SPDX-License-Identifier: GPL-3.0-or-later
"""What bash, zsh and fish themselves complete for antaractl, against its table of commands."""

import json
import pathlib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pexpect
import pytest
from house import ANTARACTL, BUILD

COMPLETION = BUILD / "antaractl/completion"
SECONDS = 30
BASH = """
source {script}
while IFS= read -r line; do
    read -ra COMP_WORDS <<< "$line"
    [[ $line != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    _antaractl
    printf '%s\\n' "${{COMPREPLY[*]}}"
done
"""


@pytest.fixture(scope="module")
def table() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(subprocess.run([str(ANTARACTL), "--table"], capture_output=True, check=True).stdout)
    assert len(found) > 20
    return found


def bash(lines: list[str]) -> list[set[str]]:
    program = BASH.format(script=COMPLETION / "antaractl")
    done = subprocess.run(["bash", "--norc", "-uc", program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [set(line.split()) for line in done.stdout.split("\n")[: len(lines)]]


def fish(lines: list[str]) -> list[set[str]]:
    asks = "\n".join(f"complete -C {shlex.quote(line)}; echo ---" for line in lines)
    program = f"source {COMPLETION}/antaractl.fish\n{asks}"
    done = subprocess.run(["fish", "--no-config", "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [{line.split("\t")[0] for line in part.split("\n") if line} for part in done.stdout.split("---\n")[: len(lines)]]


SHELLS = pytest.mark.parametrize("shell", [bash, fish])


def expected(table: list[dict[str, Any]]) -> Iterator[tuple[str, set[str]]]:
    """Lines, and what must come among the rest."""
    nouns = {command["noun"] for command in table}
    yield "antaractl ", nouns
    yield "antaractl --json --tenant some ", nouns
    for noun in nouns:
        verbs = {command["verb"] for command in table if command["noun"] == noun and command["verb"]}
        if verbs:
            yield f"antaractl {noun} ", verbs
    for command in table:
        options = {f"--{option['name']}" for option in command["options"]} | {"--json", "--tenant"}
        yield f"antaractl {command['noun']} {command['verb']} --".replace("  ", " "), options


@SHELLS
def test_every_noun_verb_and_option_is_completed(shell: Any, table: list[dict[str, Any]]) -> None:
    cases = list(expected(table))
    for (line, words), found in zip(cases, shell([line for line, _ in cases]), strict=True):
        assert words <= found, line


@SHELLS
def test_what_fits_no_more_is_not_completed(shell: Any) -> None:
    lines = ["antaractl a", "antaractl app v", "antaractl app add --redirect-uri ", "antaractl link remove --e", "antaractl nonsense "]
    nouns, verbs, value, others, unknown = shell(lines)
    assert nouns == {"app", "approval", "account"}
    assert verbs == {"verify"}
    assert not value
    assert not others
    assert "app" not in unknown and "add" not in unknown


@SHELLS
def test_files_are_completed_where_one_is_wanted(shell: Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "store.backup").touch()
    backup, status = shell([f"antaractl backup {tmp_path}/st", f"antaractl app list {tmp_path}/st"])
    assert backup == {f"{tmp_path}/store.backup"}
    assert not status


def test_zsh_completes_verbs_and_options(tmp_path: pathlib.Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "TERM": "dumb", "ZDOTDIR": str(tmp_path), "HOME": str(tmp_path), "PS1": "READY> "}
    shell = pexpect.spawn("zsh", ["-f", "-i"], env=environment, timeout=SECONDS, encoding="utf-8", dimensions=(50, 200))
    shell.logfile_read = sys.stdout
    shell.expect("READY> ")
    shell.sendline(f"fpath=({COMPLETION} $fpath); autoload -Uz compinit && compinit -u -D; print LOAD''ED")
    shell.expect("LOADED")
    for typed, rest in (("antaractl app ver", "ify"), ("antaractl signing-key rotate --comp", "romised"), ("antaractl link add --e", "mail")):
        shell.expect("READY> ")
        shell.send(f"{typed}\t")
        shell.expect(f"{typed}.*{rest}")  # it may type some of it anew
        shell.send("\x03")
    shell.expect("READY> ")
    shell.send("antaractl app \t")
    for verb in ("add", "list", "remove", "set", "show", "verify"):
        shell.expect(f"{verb} +-- ")
    shell.close(force=True)


def test_what_units_alone_call_is_shown_to_nobody(table: list[dict[str, Any]]) -> None:
    shown = subprocess.run([str(ANTARACTL), "--help"], capture_output=True, text=True, check=True).stdout
    pages = [shown, json.dumps(table), *((COMPLETION / name).read_text() for name in ("antaractl", "_antaractl", "antaractl.fish"))]
    for page in pages:
        assert "service" in page and "revert" not in page and "unconfirmed" not in page
