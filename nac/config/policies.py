"""The pruning policies that ``envelopenet.policy`` names."""

from typing import Any

from nac.utils.registry import Registry

DEFAULT = "weakest"
"""The policy of the paper and of AMLA."""

POLICIES: Registry[type[Any]] = Registry(
    "policy", {DEFAULT: "nac.construction.policies:WeakestFirst"}
)
"""Name of a policy -> its class, a subclass of :class:`nac.construction.policies.Policy`."""
