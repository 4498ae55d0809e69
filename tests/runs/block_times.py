"""Times of blocks for tests, and a directory that keeps them."""

from nac.construction.step_parts import KINDS
from nac.construction.step_time import BlockTimes, KindCost
from nac.runs.block_times import keep_times, times_path

A_MS = BlockTimes(
    device="a device",
    tensorflow="2.21.0",
    threads=2,
    dtype_policy="float32",
    merged=True,
    together=dict.fromkeys(KINDS, KindCost(start=1.0)),
)
"""Times of a device on which each operation takes a millisecond."""


def kept_in(cache, times=A_MS, environment=None):
    """Keep times in a cache directory as those of the device at hand; return the file."""
    path = times_path(times.dtype_policy, {**(environment or {}), "XDG_CACHE_HOME": str(cache)})
    keep_times(times, path)
    return path
