"""Kendall's tau-b."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.utils.statistics import kendall_tau

# Few values often meet, so that ties are common.
PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12)


@pytest.mark.parametrize(
    ("first", "second", "tau"),
    [
        ([1, 2, 3], [10, 20, 30], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        # Of three pairs two agree and one does not.
        ([1, 2, 3], [1, 3, 2], 1 / 3),
        # One pair is tied in the first list; two agree; 2 / sqrt(2 * 3).
        ([1, 1, 2], [1, 2, 3], 2 / 6**0.5),
    ],
)
def test_by_hand(first, second, tau):
    assert kendall_tau(first, second) == pytest.approx(tau)


@pytest.mark.parametrize(
    ("first", "second"), [([], []), ([1], [2]), ([3, 3, 3], [1, 2, 3]), ([1, 2], [5, 5])]
)
def test_where_there_is_no_order_there_is_no_tau(first, second):
    assert kendall_tau(first, second) is None


def test_lists_of_different_lengths_are_an_error():
    with pytest.raises(ValueError, match="shorter"):
        kendall_tau([1, 2, 3], [1, 2])


@given(PAIRS)
def test_it_is_scipys(pairs):
    stats = pytest.importorskip("scipy.stats")
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    expected = stats.kendalltau(first, second).statistic if len(pairs) > 1 else float("nan")
    tau = kendall_tau(first, second)
    assert tau is None if expected != expected else tau == pytest.approx(expected)


@given(PAIRS)
def test_the_order_of_the_lists_does_not_matter(pairs):
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    assert kendall_tau(first, second) == kendall_tau(second, first)
