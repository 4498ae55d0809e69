"""The pruning policies that ``envelopenet.policy`` names."""

from typing import Any

from nac.utils.registry import Registry

DEFAULT = "weakest"
"""The policy of the paper and of AMLA."""

ROUNDS = "rounds"
"""The policy that prunes within a training."""

TOURNAMENT = "tournament"
"""The policy that trains several proposals to choose one."""

POLICIES: Registry[type[Any]] = Registry(
    "policy",
    {
        DEFAULT: "nac.construction.policies:WeakestFirst",
        ROUNDS: "nac.construction.rounds:Rounds",
        TOURNAMENT: "nac.construction.tournament:Tournament",
    },
)
"""Name of a policy -> its class, a subclass of :class:`nac.construction.policies.Policy`."""
