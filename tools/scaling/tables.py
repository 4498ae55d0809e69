"""The tables of the plan, as Markdown."""

from collections.abc import Sequence

from nac.config import Experiment
from tools.scaling.counts import Counts
from tools.scaling.machines import MACHINES, Machine, nodes_of
from tools.scaling.plan import event_bytes, reading, step_time
from tools.simulation.cluster import Cluster
from tools.simulation.defaults import (
    DETECTION_SECONDS,
    MTBF_DAYS,
    REPAIR_HOURS,
    SAVE_SECONDS,
    START_SECONDS,
    checkpoint_seconds,
)
from tools.simulation.report import TITLES, row, table_text, tallies
from tools.simulation.tally import DAY, HOUR
from tools.simulation.workloads import Speed, construction

SIZES = (8, 64, 512)
"""Numbers of GPUs."""

IMAGES_PER_GPU = 32
"""Images per GPU where the batch grows with the number of GPUs."""

WAYS = ((8, 1, 8), (8, 2, 4), (64, 1, 64), (64, 16, 4), (512, 1, 256), (512, 128, 4))
"""GPUs, constructions that begin together, and GPUs of each of their trainings."""

MILLION = 1e6
MS = 1e3


def all_tables(
    networks: Sequence[Counts], experiment: Experiment, images_per_core: float, seeds: int
) -> list[str]:
    """Return the tables in the order in which docs/cluster.md has them.

    Args:
        networks: The prior, the constructed network, which stands for all of a construction, and
            others, of which only the counts are shown.
        experiment: The construction.
        images_per_core: Images per second that a core decodes and prepares.
        seeds: Number of simulations.
    """
    network = networks[1]
    return [
        counted(networks),
        steps(networks[:2], growing=True),
        steps([network], growing=False),
        images(network, images_per_core),
        constructions(network, experiment, seeds),
    ]


def counted(networks: Sequence[Counts]) -> str:
    """Return what is counted of the networks."""
    titles = ["network", "notation", "parameters", "multiply-adds", "all-reduces", "of them small"]
    titles += ["gradient MB", "small kB", "checkpoint MB", "curves MB"]
    return table_text(titles, [_counted(network) for network in networks], True)


def _counted(network: Counts) -> list[str]:
    *small, gradient = sorted(network.all_reduces)
    return [
        network.name,
        network.notation,
        f"{network.parameters:,}",
        f"{network.multiply_adds:,}",
        str(len(network.all_reduces)),
        str(len(small)),
        f"{gradient / MILLION:.1f}",
        f"{sum(small) / 1e3:.1f}",
        f"{network.checkpoint / MILLION:.0f}",
        f"{event_bytes(network) / MILLION:.1f}",
    ]


def steps(networks: Sequence[Counts], growing: bool) -> str:
    """Return what a step takes on each number of GPUs.

    Args:
        networks: The networks.
        growing: Whether the batch grows with the number of GPUs; otherwise it has 256 images.
    """
    titles = ["network", "machines", "GPUs", "images", "compute ms", "small ms", "gradient ms"]
    titles += ["step ms", "computing", "images/s", "gained by overlap ms"]
    rows = []
    for network in networks:
        for machine in MACHINES:
            for gpus in SIZES if growing else (1, 8, 64, 256):
                size = IMAGES_PER_GPU * gpus if growing else IMAGES_PER_GPU * SIZES[0]
                rows.append([network.name, machine.name, *_step(network, machine, gpus, size)])
    return table_text(titles, rows, True)


def _step(network: Counts, machine: Machine, gpus: int, size: int) -> list[str]:
    step = step_time(network, machine, gpus, size)
    times = (step.compute, step.small, step.gradient, step.seconds)
    return [
        str(gpus),
        f"{size:,}",
        *(f"{MS * seconds:.1f}" for seconds in times),
        f"{step.efficiency:.0%}",
        f"{step.images_per_second:,.0f}",
        f"{MS * step.hidden:.1f}",
    ]


def images(network: Counts, images_per_core: float) -> str:
    """Return what the images of a training ask of nodes and of the file system."""
    titles = ["machines", "GPUs", "images/s per node", "cores per node", "GB/s read per node"]
    titles += ["GB/s of its port", "GB/s served to all"]
    rows = []
    for machine in MACHINES:
        for gpus in SIZES:
            asked = reading(
                step_time(network, machine, gpus, IMAGES_PER_GPU * gpus), machine, images_per_core
            )
            cells = [f"{asked.images:,.0f}", f"{asked.cores:.0f}"]
            rates = (asked.read, machine.network, asked.served)
            cells += [f"{rate / 1e9:,.1f}" for rate in rates]
            rows.append([machine.name, str(gpus), *cells])
    return table_text(titles, rows, True)


def constructions(network: Counts, experiment: Experiment, seeds: int) -> str:
    """Return what becomes of constructions, simulated with failures."""
    titles = ["machines", "GPUs", "constructions at once", "GPUs of a training", *TITLES]
    rows = [
        [machine.name, str(gpus), str(count), str(wide), *cells]
        for machine in MACHINES
        for gpus, count, wide in WAYS
        for cells in [_construction(network, experiment, machine, gpus, count, wide, seeds)]
    ]
    return table_text(titles, rows, True)


def _construction(
    network: Counts,
    experiment: Experiment,
    machine: Machine,
    gpus: int,
    number: int,
    wide: int,
    seeds: int,
) -> list[str]:
    size = experiment.parameters.global_batch_size
    training, child = (
        Speed(each, step_time(network, machine, each, size).seconds) for each in (wide, 1)
    )
    cluster = Cluster(
        nodes=nodes_of(gpus, machine),
        gpus=machine.gpus,
        mtbf=MTBF_DAYS * DAY,
        repair=REPAIR_HOURS * HOUR,
        detection=DETECTION_SECONDS,
        checkpoint=checkpoint_seconds(),
        save=SAVE_SECONDS,
        start=START_SECONDS,
    )
    return row(tallies(cluster, [construction(experiment, training, child)] * number, seeds))
