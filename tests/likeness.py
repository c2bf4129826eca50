# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two kinds of times can be told apart: the whole of the samples, and by where they differ most.

Both tests ask only for samples that came in random order; neither cares what the times look like. So luck is all that may set the kinds
apart, and its chance is known. A difference that luck alone would show once in a hundred runs is looked at with more samples: a real one
only grows clearer by that. Nothing is tried again until it passes.
"""

import bisect
import contextlib
import math
import os
import pathlib
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ODD = 1e-2  # worth more samples
CERTAIN = 1e-6  # so rarely this fails without a cause
TELLTALE = 10  # a delay of one tenth of the median must be seen, or the machine was too busy to judge

Pairs = dict[str, tuple[list[int], list[int]]]


@dataclass(frozen=True)
class Likeness:
    """How far two samples are from being of one kind, each as the chance of it under pure luck."""

    ranks: float  # Mann and Whitney, two-sided: one kind is slower
    shapes: float  # Kolmogorov and Smirnov: they differ somewhere

    @property
    def luck(self) -> float:
        """The smaller one, for having looked twice (Bonferroni)."""
        return min(1.0, 2 * min(self.ranks, self.shapes))


def rank_sum(left: list[int], right: list[int]) -> float:
    """The chance that a time of `left` is longer than one of `right`; equal ones count half."""
    ordered = sorted(right)
    return sum(bisect.bisect_left(ordered, time) + bisect.bisect_right(ordered, time) for time in left) / (2 * len(left) * len(right))


def widest_gap(left: list[int], right: list[int]) -> float:
    left, right = sorted(left), sorted(right)
    return max(abs(bisect.bisect_right(left, time) / len(left) - bisect.bisect_right(right, time) / len(right)) for time in left + right)


def compare(left: list[int], right: list[int]) -> Likeness:
    product = len(left) * len(right)
    deviation = math.sqrt((len(left) + len(right) + 1) / (12 * product))
    ranks = math.erfc(abs(rank_sum(left, right) - 0.5) / deviation / math.sqrt(2))
    gap = widest_gap(left, right) * math.sqrt(product / (len(left) + len(right)))
    return Likeness(ranks, min(1.0, 2 * math.exp(-2 * gap * gap)))


def shows_delay(known: list[int], other: list[int], part: int) -> bool:
    """Whether one of that part of the median would have been seen."""
    delay = int(statistics.median(known)) // part
    return compare([taken + delay for taken in known], other).luck < CERTAIN


def expect_alike(add: Callable[[], None], pairs: Callable[[], Pairs], batches: int, part: int = TELLTALE) -> None:
    """`add` takes a batch of samples, in random order; `pairs` gives all that there are, by what they are of."""
    for _ in range(batches):
        add()
        if all(compare(*pair).luck > ODD and shows_delay(*pair, part) for pair in pairs().values()):
            break
    for what, pair in pairs().items():
        found = compare(*pair)
        print(what, found, [statistics.median(sample) // 1000 for sample in pair])
        assert shows_delay(*pair, part), f"{what}: too noisy to tell a delay"
        assert found.luck > CERTAIN, f"{what}: it takes another time: {found}"


@contextlib.contextmanager
def ahead_of_others(process: int) -> Iterator[None]:
    """What else runs on this machine makes noise; where we may, that process and we go first meanwhile."""

    def set_all(nice: int) -> None:
        for task in [task for pid in (process, os.getpid()) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]:
            with contextlib.suppress(PermissionError, ProcessLookupError):  # a thread may have ended
                os.setpriority(os.PRIO_PROCESS, int(task.name), nice)

    set_all(-15)
    try:
        yield
    finally:
        set_all(0)
