# SPDX-License-Identifier: GPL-3.0-or-later
"""What antarad put into a maildir: links and codes, for a terminal or a test."""

import email
import email.policy
import pathlib
import re
from dataclasses import dataclass

LINK = re.compile(r"https?://\S+/login/link/\S+")
CODE = re.compile(r"(?<![0-9A-Za-z_-])([0-9]{4}) ?([0-9]{4})(?![0-9A-Za-z_-])")


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        found = LINK.search(self.text)
        return found.group(0) if found else ""

    @property
    def code(self) -> str:
        found = CODE.search(LINK.sub("", self.text))
        return "".join(found.groups()) if found else ""


def read(path: pathlib.Path) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return Letter(str(message["To"]), str(message["Subject"]), body.get_content() if body else "")


class Mailbox:
    """The letters of a maildir that nobody has read yet."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder / "new"
        self.seen = set(self.folder.glob("*"))

    def fresh(self) -> list[Letter]:
        new = sorted(set(self.folder.glob("*")) - self.seen, key=lambda path: path.stat().st_mtime_ns)
        self.seen.update(new)
        return [read(path) for path in new]
