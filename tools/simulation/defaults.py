"""What is simulated unless something else is asked for."""

from absl import flags

from nac.cli.machine_flags import define_machine_flags
from nac.utils.leases import SILENCE

MTBF_DAYS = 264.0
"""Mean days between failures of a node of eight GPUs: 419 unexpected interruptions of 2,048 nodes
in 54 days (The Llama 3 Herd of Models, arXiv 2407.21783, section 3.3.4)."""

REPAIR_HOURS = 24.0
"""Assumed: a node is back on the next day."""

DETECTION_SECONDS = SILENCE
"""After so long a holder of a directory that says nothing counts as dead."""

SAVE_SECONDS = 1.0
"""Assumed: a checkpoint of 0.1 GB at 0.1 GB/s."""

START_SECONDS = 120.0
"""Assumed: imports, reading images, and the records of half an epoch of ImageNet at 1 GB/s."""


def checkpoint_seconds() -> float:
    """Return the seconds between checkpoints of a job whose command says nothing of it."""
    values = flags.FlagValues()
    define_machine_flags(values)
    seconds: float = values["checkpoint_seconds"].default
    return seconds
