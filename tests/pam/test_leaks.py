# SPDX-License-Identifier: GPL-3.0-or-later
"""Many conversations in one process. Run with a release build: a sanitizer would make them last for minutes."""

from conftest import Prompts
from talks import talk

PAM_AUTH_ERR = 7
MANY = 10_000
GROWTH_MAX_KIB = 512


def test_p12_10000_conversations_leak_nothing(prompts: Prompts) -> None:
    found = talk(prompts, "typed", MANY)
    assert found["result"] == PAM_AUTH_ERR and found["prompts"] == MANY
    early, late = found["kib"]
    assert late - early < GROWTH_MAX_KIB, found
    assert found["descriptors"][0] == found["descriptors"][1]
    assert found["signal"] == 0
