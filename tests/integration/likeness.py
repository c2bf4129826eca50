# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two kinds of times can be told apart: the whole of the samples, and by where they differ most.

Both tests ask only for samples that came in random order; neither cares what the times look like.
"""

import bisect
import math
from dataclasses import dataclass


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
