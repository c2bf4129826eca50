#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every act that a header of core/ declares is asked across tenants in test-isolation.c."""

import pathlib
import re
import sys


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    test = (root / "tests/unit/core/test-isolation.c").read_text()
    missing = []
    for header in sorted((root / "daemon/core").glob("*.h")):
        for verb in re.findall(r"^ACT_DECLARE\(\s*(\w+)", header.read_text(), re.MULTILINE):
            if not re.search(rf"\b{verb}(_act)?\b", test):
                missing.append(f"{header.relative_to(root)}: the act {verb} is not asked across tenants: add it to tests/unit/core/test-isolation.c")
    print("\n".join(missing))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
