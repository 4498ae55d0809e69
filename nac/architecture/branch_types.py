"""The types of branches that block names end in, such as ``sep`` in ``3x3sep``."""

from collections.abc import Callable
from typing import Any

from nac.utils.registry import Registry

BRANCH_TYPES: Registry[Callable[..., Any]] = Registry(
    "branch type",
    {
        "": "nac.models.blocks:dense_convolution",
        "sep": "nac.models.blocks:separable_convolution",
    },
)
"""What follows the kernel size in a block name -> a function that makes the branch's layer.

The function is called as ``make(size, filters, dtype)`` with the kernel's (height, width), the
number of channels that the layer puts out, and a Keras dtype policy. It returns a Keras layer of
stride 1 that keeps height and width. A name consists of lowercase letters.
"""
