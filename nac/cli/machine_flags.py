"""Flags that say how jobs run, shared by the commands that start jobs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from absl import flags

from nac.cli.command import parse
from nac.cli.plugins import plugin_arguments
from nac.cluster.members import MULTI_WORKER
from nac.utils import limits

if TYPE_CHECKING:
    from nac.training.machine import Machine


def define_machine_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags of a job that are not part of the experiment."""
    flags.DEFINE_enum(
        "strategy",
        "auto",
        ["auto", "one", "mirrored", MULTI_WORKER],
        "Devices of a job: one, or all by mirrored; auto: all visible GPUs, else the CPU;"
        " multi_worker: those of all workers in TF_CONFIG, or of all processes of Slurm's srun, all"
        " of which run the same command (docs/cluster.md).",
        flag_values=flag_values,
    )
    flags.DEFINE_integer(
        "logical_cpus",
        0,
        "Split the CPU into this number of devices, to try --strategy=mirrored; 0: do not.",
        lower_bound=0,
        upper_bound=limits.DEVICES,
        flag_values=flag_values,
    )
    flags.DEFINE_enum(
        "deterministic",
        "auto",
        ["auto", "on", "off"],
        "Whether a repeated training is bit-identical; auto: on CPUs, but not with --jit_compile.",
        flag_values=flag_values,
    )
    flags.DEFINE_bool(
        "jit_compile",
        False,
        "Compile the training step with XLA (one device).",
        flag_values=flag_values,
    )
    define_memory_flags(flag_values)
    flags.DEFINE_integer(
        "steps_per_call",
        10,
        "Largest number of training steps between which no Python runs. Where steps take long there"
        " are fewer, so that a call takes about half a second.",
        lower_bound=1,
        upper_bound=limits.STEPS_PER_CALL,
        flag_values=flag_values,
    )
    flags.DEFINE_string(
        "data_dir",
        None,
        "Directory of the data set, in place of parameters.data_dir.",
        flag_values=flag_values,
    )
    flags.DEFINE_float(
        "checkpoint_seconds",
        120.0,
        "Seconds between checkpoints.",
        lower_bound=0.0,
        flag_values=flag_values,
    )
    flags.DEFINE_bool(
        "keep_checkpoints",
        False,
        "Keep the newest checkpoints of finished jobs.",
        flag_values=flag_values,
    )


def define_memory_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags that let training steps take less memory."""
    flags.DEFINE_bool(
        "recompute",
        False,
        "Keep only inputs and outputs of cells for the backward pass, which computes cells again:"
        " less memory, about a third more time, the same results within rounding.",
        flag_values=flag_values,
    )
    flags.DEFINE_integer(
        "micro_batch",
        None,
        "Compute cells in parts of this number of images, one part after the other on each device,"
        " and again in the backward pass: still less memory, two to three times the time, the same"
        " results within rounding. batch_size keeps its meaning; default: the whole batch.",
        lower_bound=1,
        upper_bound=limits.BATCH,
        flag_values=flag_values,
    )


def machine_settings(
    flag_values: flags.FlagValues,
    save_model: bool = True,
    save_weights: bool = False,
    decoded_dir: str | None = None,
) -> "Machine":
    """Return the flags as the settings of a job; imports TensorFlow.

    Args:
        flag_values: Flags that :func:`define_machine_flags` defined, parsed.
        save_model: Whether the job writes its trained network.
        save_weights: Whether it writes the trained weights alone, too.
        decoded_dir: Where the jobs of a run hand decoded images on to each other, None for nowhere.
    """
    from nac.training.machine import Machine

    values: dict[str, Any] = {flag.name: flag.value for flag in _machine_flags(flag_values)}
    return Machine(
        **values, save_model=save_model, save_weights=save_weights, decoded_dir=decoded_dir
    )


def changed_settings(flag_values: flags.FlagValues) -> dict[str, Any]:
    """Return the machine flags that were set, name -> value."""
    return {flag.name: flag.value for flag in _machine_flags(flag_values) if flag.present}


def _machine_flags(flag_values: flags.FlagValues) -> list[flags.Flag]:
    return flag_values.flags_by_module_dict()[__name__]


def forwarded_flags(flag_values: flags.FlagValues) -> list[str]:
    """Return the flags that were set and hold for jobs, as arguments for a job's process."""
    return job_arguments(changed_settings(flag_values), flag_values.plugin)


def job_arguments(settings: Mapping[str, Any], plugins: Sequence[str] = ()) -> list[str]:
    """Return machine settings and plugins as arguments for a job's process.

    Raises:
        InputError: An unknown setting, or a value that it does not take.
    """
    given = [f"--{name}={value}" for name, value in settings.items() if value is not None]
    checked = flags.FlagValues()
    define_machine_flags(checked)
    parse(checked, given)
    return [*given, *plugin_arguments(plugins)]
