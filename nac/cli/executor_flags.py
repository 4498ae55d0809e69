"""Flags that say where the processes of jobs run."""

from absl import flags

from nac.cluster.machines import LOCAL, RAY, Machines


def define_executor_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags."""
    flags.DEFINE_enum(
        "executor",
        LOCAL,
        [LOCAL, RAY],
        "Where jobs run: on this machine, or on the machines of a Ray cluster (docs/cluster.md)."
        ' Ray needs pip install "nac[cluster]".',
        flag_values=flag_values,
    )
    flags.DEFINE_string(
        "ray_address",
        None,
        "HOST:PORT of the head of the Ray cluster, or local for a Ray that is started for the"
        " command; default: RAY_ADDRESS, else local.",
        flag_values=flag_values,
    )
    flags.DEFINE_integer(
        "cores_per_job",
        None,
        "With --executor=ray, cores of each job; default: each job has a GPU.",
        lower_bound=1,
        flag_values=flag_values,
    )


def machines_of(flag_values: flags.FlagValues) -> Machines:
    """Return where the flags say that jobs run.

    Args:
        flag_values: Flags that :func:`define_executor_flags` defined, parsed.

    Raises:
        InputError: The flags contradict each other.
    """
    return Machines(flag_values.executor, flag_values.ray_address, flag_values.cores_per_job)
