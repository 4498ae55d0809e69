"""The ``pruning`` section of a job: what a training removes while it runs.

Construction writes it into jobs whose policy prunes in rounds; an experiment file has none.
"""

from dataclasses import dataclass
from typing import Any

from nac.config import forms, rankings
from nac.config.forms import BOOLEAN, COUNT, SHARE
from nac.config.keys import REQUIRED, Form, Keys, key, read, write
from nac.utils.schema import Section


def _read_keys(section: Section, name: str) -> tuple[str, ...]:
    accepts = "keys of branches or of skip connections"
    return tuple(section.sequence(name, accepts, lambda value: isinstance(value, str)))


@dataclass(frozen=True)
class Group(Keys):
    """Branches of a stage, or skip connections of a layer, some of which go."""

    members: tuple[str, ...] = key(
        REQUIRED, Form("list", "of keys", _read_keys), "Keys, such as `3/Branch2` or `1-5`."
    )
    remove: int = key(REQUIRED, forms.integer(0), "How many of them go in all rounds together.")

    def contradiction(self) -> tuple[str, str] | None:
        """Return what is wrong if more go than there are."""
        if self.remove > len(self.members):
            return "remove", (
                f"expected at most {len(self.members)}, the number of members, received"
                f" {self.remove}"
            )
        return None


def _read_groups(section: Section, name: str) -> tuple[Group, ...]:
    return tuple(read(Group, inner) for inner in section.sections(name))


def _write_groups(groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    return [write(group) for group in groups]


@dataclass(frozen=True, kw_only=True)
class Pruning(Keys):
    """The ``pruning`` section: branches and skip connections that go during a training."""

    rounds: int = key(REQUIRED, COUNT, "Number of rounds.")
    begin: float = key(REQUIRED, SHARE, "Share of the training before the first round.")
    end: float = key(REQUIRED, SHARE, "Share of the training before the last round.")
    candidates: int = key(
        REQUIRED, COUNT, "Members of a group that are measured in a round: the weakest ones."
    )
    ranking: str = key(REQUIRED, forms.named(rankings.RANKINGS), "Says which branches are weak.")
    images: int = key(REQUIRED, COUNT, "Validation images that a member is measured on.")
    per_cost: bool = key(False, BOOLEAN, "Compare members relative to their parameters.")
    strongest: bool = key(False, BOOLEAN, "Remove what is missed most, for the worst case.")
    groups: tuple[Group, ...] = key(
        REQUIRED, Form("list", "of groups", _read_groups, _write_groups), "What may go."
    )

    def contradiction(self) -> tuple[str, str] | None:
        """Return what is wrong if the last round comes before the first one."""
        if self.end < self.begin:
            return "end", f"expected at least begin ({self.begin:g}), received {self.end:g}"
        return None
