#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the reference of the bus interface, made of the introspection files named as arguments."""

import inspect
import sys
import xml.etree.ElementTree
from collections.abc import Iterator
from xml.etree.ElementTree import Element

HEAD = """# The bus interface org.antara1

Made at build of the introspection files in `dbus/`. The name is `org.antara1` on the system bus; types are those of D-Bus.
"""
KINDS = {"method": "Method", "signal": "Signal", "property": "Property"}


def arguments(node: Element, direction: str) -> str:
    found = [arg for arg in node.findall("arg") if arg.get("direction", "out" if node.tag == "signal" else "in") == direction]
    return ", ".join(f"{arg.get('name')}: {arg.get('type')}" for arg in found)


def signature(node: Element) -> str:
    name = node.get("name", "")
    if node.tag == "property":
        return f"{name}: {node.get('type')}, {node.get('access')}"
    if node.tag == "signal":
        return f"{name}({arguments(node, 'out')})"
    answer = arguments(node, "out")
    return f"{name}({arguments(node, 'in')})" + (f" → ({answer})" if answer else "")


def words(comments: list[str]) -> Iterator[str]:
    """As it was laid out where it has lines of its own."""
    for comment in comments:
        text = inspect.cleandoc(comment)
        if "SPDX-License-Identifier" not in text:
            yield f"```\n{text}\n```\n" if "\n" in text else f"{text}\n"


def is_comment(node: Element) -> bool:
    return not isinstance(node.tag, str)


def members(interface: Element) -> Iterator[str]:
    before: list[str] = []
    for node in interface:
        if is_comment(node):
            before.append(node.text or "")
        elif node.tag in KINDS:
            yield f"### {KINDS[node.tag]} {node.get('name')}\n"
            yield f"`{signature(node)}`\n"
            yield from words(before)
            before = []


def reference(path: str) -> Iterator[str]:
    parser = xml.etree.ElementTree.XMLParser(target=xml.etree.ElementTree.TreeBuilder(insert_comments=True))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    root = xml.etree.ElementTree.fromstring(text, parser)
    for interface in root.iter("interface"):
        yield f"## {interface.get('name')}\n"
        yield f"At `{root.get('name')}`.\n"
        # What stands before the root element belongs to no tree.
        head = [part.split("-->")[0] for part in text.partition("<node")[0].split("<!--")[1:]]
        yield from words(head + [node.text or "" for node in root if is_comment(node)])
        yield from members(interface)


if __name__ == "__main__":
    print(HEAD)
    print("\n".join(part for path in sys.argv[1:] for part in reference(path)), end="")
