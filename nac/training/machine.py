"""How a job is run: settings that do not belong to the experiment."""

from dataclasses import dataclass
from pathlib import Path

from nac.runs.memory_saving import MemorySaving
from nac.training.calls import STEPS_PER_CALL


@dataclass(frozen=True)
class Machine:
    """How a job is run: settings that do not belong to the experiment.

    Attributes:
        strategy: See :func:`nac.training.strategies.make_strategy`.
        logical_cpus: See there.
        deterministic: See :func:`nac.training.strategies.set_determinism`.
        data_dir: Directory of the data set, in place of the experiment's.
        jit_compile: Whether XLA compiles the training step.
        recompute: See :class:`nac.runs.memory_saving.MemorySaving`.
        micro_batch: See there.
        steps_per_call: Largest number of steps between which no Python runs.
        checkpoint_seconds: Seconds between checkpoints.
        keep_checkpoints: Whether the newest checkpoints stay when the job is done.
        save_model: Whether to write the trained network, its classifier of photos, and what it
            answers for the images on which it is scored.
        save_weights: Whether to write the trained weights alone, too, for a job that starts from
            them.
        decoded_dir: Where jobs of a run hand decoded images on to each other, None for nowhere.
        checkpoint_dir: Directory of the checkpoints, by default a folder of the job's directory. Of
            several workers each has a directory of its own, but all restore what the chief saved.
    """

    strategy: str = "auto"
    logical_cpus: int = 0
    deterministic: str = "auto"
    jit_compile: bool = False
    recompute: bool = False
    micro_batch: int | None = None
    steps_per_call: int = STEPS_PER_CALL
    data_dir: str | None = None
    checkpoint_seconds: float = 120.0
    keep_checkpoints: bool = False
    save_model: bool = True
    save_weights: bool = False
    decoded_dir: str | None = None
    checkpoint_dir: Path | None = None

    @property
    def saving(self) -> MemorySaving:
        """How training steps save memory."""
        return MemorySaving(self.recompute, self.micro_batch)
