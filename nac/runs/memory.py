"""What is said when memory ran out: how much a training needs, had, and what makes it need less."""

import resource
import sys
from contextlib import suppress

from nac.config import Experiment
from nac.data.datasets import image_facts
from nac.runs.data_checks import memory_bytes, step_bytes
from nac.runs.devices import gpu_memory_bytes, visible_gpus
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.utils.errors import NacError
from nac.utils.text import mebibytes


def memory_line(
    experiment: Experiment, children: bool = False, saving: MemorySaving = NOTHING_SAVED
) -> str:
    """Return that memory ran out, with the numbers that are known.

    Args:
        experiment: The job.
        children: Whether processes that this one started ran out of it, instead of this one.
        saving: How training steps save memory.
    """
    network = experiment.need("arch")
    size = experiment.parameters.global_batch_size
    on_gpu = bool(visible_gpus())
    occupied = f"the process occupied up to {mebibytes(_peak_bytes(children))} (measured)"
    numbers = [] if on_gpu else [occupied]
    with suppress(NacError):  # a data set of a plugin says its shape only when it is read
        needed = step_bytes(network, image_facts(experiment).shape, size, saving)
        numbers.append(f"a step alone needs about {mebibytes(needed)} (estimated)")
    available = gpu_memory_bytes() if on_gpu else memory_bytes()
    if available is not None:
        numbers.append(f"{'the GPU has' if on_gpu else 'there are'} {mebibytes(available)}")
    how = " and ".join([f"parameters.batch_size {size}", *saving.flags])
    return (
        f"memory ran out while {network.notation} was trained with {how}: {', '.join(numbers)};"
        f" {', '.join(saving.advice)}, a smaller parameters.batch_size or parameters.image_size,"
        " a stem of larger stride or fewer channels (init_cell) need less"
    )


def _peak_bytes(children: bool) -> int:
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit
