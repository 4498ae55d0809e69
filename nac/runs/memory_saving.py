"""How training steps save memory, at the price of time. Results are the same within rounding."""

from collections.abc import Sequence
from dataclasses import dataclass

from nac.utils.errors import InputError


@dataclass(frozen=True)
class MemorySaving:
    """What training steps do not keep in memory.

    Attributes:
        recompute: Whether cells keep nothing but their inputs for the backward pass, in which
            they are computed again.
        micro_batch: Images of each device in a part of the batch; cells are computed in such parts,
            one after the other, and again in the backward pass. None for the whole batch.
    """

    recompute: bool = False
    micro_batch: int | None = None

    def parts(self, images: int) -> int | None:
        """Return the number of parts in which cells are computed, None if they save no memory.

        Args:
            images: Images per step and device.

        Raises:
            InputError: They cannot be divided into such parts.

        Example:
        >>> MemorySaving(micro_batch=8).parts(32)
        4
        """
        if self.micro_batch is None:
            return 1 if self.recompute else None
        if images % self.micro_batch:
            raise InputError(
                f"--micro_batch: expected a number by which {images}, the images per step and"
                f" device, can be divided, received {self.micro_batch}"
            )
        count = images // self.micro_batch
        return count if count > 1 or self.recompute else None

    @property
    def flags(self) -> list[str]:
        """The flags that ask for this."""
        given = ["--recompute"] if self.recompute else []
        return given if self.micro_batch is None else [*given, f"--micro_batch={self.micro_batch}"]

    @property
    def advice(self) -> list[str]:
        """What would need less memory and leave the experiment as it is, for messages."""
        if self.micro_batch is not None:
            return ["a smaller --micro_batch"]
        return ["--micro_batch"] if self.recompute else ["--recompute", "--micro_batch"]


def saving_of(arguments: Sequence[str]) -> MemorySaving:
    """Return what the arguments of a job's process ask for.

    Args:
        arguments: What :func:`nac.cli.machine_flags.job_arguments` returns.

    Example:
    >>> saving_of(["--strategy=one", "--micro_batch=8"])
    MemorySaving(recompute=False, micro_batch=8)
    """
    given = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    images = given.get("--micro_batch")
    return MemorySaving(given.get("--recompute") == str(True), int(images) if images else None)


NOTHING_SAVED = MemorySaving()
"""Steps keep whatever the backward pass needs, and take the least time."""
