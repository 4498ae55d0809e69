"""The pruning policies that ``envelopenet.policy`` names."""

from typing import TYPE_CHECKING

from nac.utils.registry import Registry

if TYPE_CHECKING:
    from nac.construction.policies import Policy

DEFAULT = "weakest"
"""The policy of the paper and of AMLA."""

POLICIES: "Registry[type[Policy]]" = Registry(
    "policy", {DEFAULT: "nac.construction.policies:WeakestFirst"}
)
"""Name of a policy -> its class, see :class:`nac.construction.policies.Policy`."""
