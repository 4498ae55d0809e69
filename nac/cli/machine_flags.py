"""Flags that say what a job runs on, shared by the commands that start jobs."""

from typing import TYPE_CHECKING

from absl import flags

if TYPE_CHECKING:
    from nac.training.job import Machine

flags.DEFINE_enum(
    "strategy", "auto", ["auto", "one", "mirrored"], "auto: all visible GPUs, else the CPU."
)
flags.DEFINE_integer(
    "logical_cpus", 0, "Split the CPU into so many devices, to try --strategy=mirrored."
)
flags.DEFINE_enum(
    "deterministic", "auto", ["auto", "on", "off"], "Bit-identical reruns; auto: on CPUs."
)
flags.DEFINE_bool("jit_compile", False, "Compile the training step with XLA (one device).")
flags.DEFINE_string("data_dir", None, "Directory of the data set, in place of the experiment's.")
flags.DEFINE_float("checkpoint_seconds", 120.0, "Seconds between checkpoints.", lower_bound=0.0)
flags.DEFINE_bool("keep_checkpoints", False, "Keep the newest checkpoints of finished jobs.")
FLAGS = flags.FLAGS

MACHINE_FLAGS = (
    "strategy",
    "logical_cpus",
    "deterministic",
    "jit_compile",
    "data_dir",
    "checkpoint_seconds",
    "keep_checkpoints",
)


def machine_settings() -> "Machine":
    """Return the flags as the settings of a job; imports TensorFlow."""
    from nac.training.job import Machine

    values = {name: FLAGS[name].value for name in MACHINE_FLAGS}
    return Machine(**values, save_model=FLAGS.save_model)


def forwarded_flags() -> list[str]:
    """Return the flags that were set, as arguments for a job's process."""
    return [f"--{name}={FLAGS[name].value}" for name in MACHINE_FLAGS if FLAGS[name].present]
