"""Sizes of the networks of the benchmark, counted in a process of their own."""

from functools import cache

from tools.benchmarks.turns import SIDE, printed_json

_NETWORK = """
from nac.models import build_model
from nac.models.description import describe
job = side.make_job({network!r}, {options!r})
described = describe(job.architecture, build_model(job.architecture, shape, side.CLASSES))
values = sum(h * w * c for h, w, c in (l.shape for l in described.layers if len(l.shape) == 3))
answer = described.multiply_adds, described.trainable_params, values
"""

_STEP = """
from nac.construction.step_time import step_ms
from nac.runs.block_times import block_times
job = side.make_job({network!r}, {options!r})
answer = step_ms(job.architecture, shape, job.parameters.global_batch_size, block_times())
"""

_PLAIN = """
from handwritten import plain_multiply_adds
answer = plain_multiply_adds(shape)
"""

_FRAME = """
import json, sys
sys.path.insert(0, {folder!r})
import side
shape = side.NETWORKS[{network!r}][3]
{code}
print(json.dumps(answer))
"""


@cache
def _answer(code: str, network: str):
    """Return what code computes with TensorFlow, which this process does not import."""
    code = _FRAME.format(folder=str(SIDE.parent), network=network, code=code)
    return printed_json("-c", code)


def _counted(network: str, **options: int) -> tuple[int, int, int]:
    texts = {name: str(value) for name, value in options.items()}
    return _answer(_NETWORK.format(network=network, options=texts), network)


def multiply_adds(network: str, **options: int) -> int:
    """Return the multiplications with weights of a network per image."""
    return _counted(network, **options)[0]


def parameters(network: str) -> int:
    """Return the number of trainable parameters of a network."""
    return _counted(network)[1]


def featuremap_values(network: str) -> int:
    """Return the number of values in the featuremaps of all layers, per image."""
    return _counted(network)[2]


def estimated_ms(network: str, options: dict[str, str]) -> float:
    """Return the estimated milliseconds of a step, from what ``nac measure`` measured before."""
    return _answer(_STEP.format(network=network, options=options), network)


def plain_multiply_adds(network: str) -> int:
    """Return the multiplications of the plain network for the same images."""
    return _answer(_PLAIN, network)
