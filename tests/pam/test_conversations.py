# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application's conversation function may do to the module."""

import pytest
from conftest import Prompts
from talks import talk

PAM_AUTH_ERR = 7
PAM_CONV_ERR = 19


@pytest.mark.parametrize(
    ("kind", "result"), [("typed", PAM_AUTH_ERR), ("null", PAM_CONV_ERR), ("failing", PAM_CONV_ERR), ("empty", PAM_CONV_ERR), ("hollow", PAM_CONV_ERR)]
)
def test_p7_a_broken_conversation_is_an_error_and_no_crash(prompts: Prompts, kind: str, result: int) -> None:
    assert talk(prompts, kind, 3)["result"] == result


def test_p7_under_silent_nothing_but_the_prompt_is_shown(prompts: Prompts) -> None:
    found = talk(prompts, "typed", 3, ANTARA_TEST_SILENT="1")
    assert (found["prompts"], found["others"]) == (3, 0)
    assert talk(prompts, "typed", 3)["others"] > 0
