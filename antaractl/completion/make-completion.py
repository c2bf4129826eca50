#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print what a shell completes for antaractl: SHELL TABLE, where TABLE is the output of antaractl --table."""

import json
import pathlib
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

Command = dict[str, Any]

BASH_HEAD = """# bash completion for antaractl, made from its table of commands
_antaractl()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local i names=() more='' options='--json --tenant --help --version' values='--tenant' files=''
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --tenant | =) ((i++)) ;;
            -*) ;;
            *) names+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case "${names[*]:0:2}" in
"""
BASH_FOOT = """    esac
    COMPREPLY=()
    [[ " $values " != *" $previous "* ]] || return 0
    mapfile -t COMPREPLY < <(compgen -W "$more $options" -- "$current"; [[ -z $files ]] || compgen -f -- "$current")
}
complete -F _antaractl antaractl
"""

ZSH_HEAD = """#compdef antaractl
# zsh completion for antaractl, made from its table of commands
_antaractl() {
    local -a names more options values
    local files='' i
    options=(--json --tenant --help --version) values=(--tenant)
    for ((i = 2; i < CURRENT; i++)); do
        case ${words[i]} in
            --tenant) ((i++)) ;;
            -*) ;;
            *) names+=("${words[i]}") ;;
        esac
    done
    case "${names[1,2]}" in
"""
ZSH_FOOT = """    esac
    (( ${values[(Ie)${words[CURRENT-1]}]} )) && return 1
    (( ${#more} )) && _describe command more
    [[ -n $files ]] && _files
    compadd -- $options
}
_antaractl "$@"
"""

FISH_HEAD = """# fish completion for antaractl, made from its table of commands
function __antaractl_names
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if test $word = --tenant
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end
function __antaractl_is
    test "$argv" = (string join ' ' (__antaractl_names)[1..2] | string collect -a)
end
complete -c antaractl -f
complete -c antaractl -l json -d 'Print one JSON value'
complete -c antaractl -l tenant -x -d 'Which tenant'
complete -c antaractl -l help
complete -c antaractl -l version
"""


def nouns(table: list[Command]) -> dict[str, list[Command]]:
    """Each noun with its commands."""
    found: dict[str, list[Command]] = {}
    for command in table:
        found.setdefault(command["noun"], []).append(command)
    return found


def options(command: Command, with_value: bool = False) -> str:
    return " ".join(f"--{option['name']}" for option in command["options"] if option["value"] or not with_value)


def takes_file(command: Command) -> bool:
    return "FILE" in command["usage"]


def help_of(commands: list[Command]) -> str:
    return str(commands[0]["help"]) if not commands[0]["verb"] else ", ".join(command["verb"] for command in commands)


def arms(table: list[Command], more: Callable[[dict[str, str]], str], several: Callable[[str], str]) -> Iterator[str]:
    """Arms of a case over the words so far: what may come next, and the options of a command that is whole."""
    yield f"        '') more={more({noun: help_of(commands) for noun, commands in nouns(table).items()})} ;;"
    for noun, commands in nouns(table).items():
        if commands[0]["verb"]:
            yield f"        {noun}) more={more({command['verb']: command['help'] for command in commands})} ;;"
        for command in commands:
            pattern = f"'{noun} {command['verb']}'" if command["verb"] else f"{noun} | {noun}\\ *"
            sets = f" options+={several(options(command))} values+={several(options(command, True))}" if command["options"] else ""
            sets += " files=yes" if takes_file(command) else ""
            if sets:
                yield f"        {pattern}){sets} ;;"


def bash(table: list[Command]) -> str:
    return BASH_HEAD + "\n".join(arms(table, lambda words: shlex.quote(" ".join(words)), lambda names: f"' {names}'")) + "\n" + BASH_FOOT


def zsh(table: list[Command]) -> str:
    def more(words: dict[str, str]) -> str:
        return "(" + " ".join(shlex.quote(f"{word}:{text}") for word, text in words.items()) + ")"

    return ZSH_HEAD + "\n".join(arms(table, more, lambda names: f"({names})")) + "\n" + ZSH_FOOT


def fish_lines(table: list[Command]) -> Iterator[str]:
    for noun, commands in nouns(table).items():
        yield f"complete -c antaractl -n '__antaractl_is' -a {noun} -d {shlex.quote(help_of(commands))}"
        for command in commands:
            condition = "__antaractl_is " + f"{noun} {command['verb']}".strip()
            if command["verb"]:
                yield f"complete -c antaractl -n '__antaractl_is {noun}' -a {command['verb']} -d {shlex.quote(command['help'])}"
            if takes_file(command):
                yield f"complete -c antaractl -n '{condition}' -F"
            for option in command["options"]:
                yield f"complete -c antaractl -n '{condition}' -l {option['name']}{' -x' if option['value'] else ''}"


def fish(table: list[Command]) -> str:
    return FISH_HEAD + "\n".join(fish_lines(table)) + "\n"


if __name__ == "__main__":
    shells = {"bash": bash, "zsh": zsh, "fish": fish}
    print(shells[sys.argv[1]](json.loads(pathlib.Path(sys.argv[2]).read_text())), end="")
