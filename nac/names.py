"""Names that writers and readers share: Keras layers of a network, and tags of its event files."""

from nac.architecture import Architecture
from nac.construction.statistics import branch_key, gate_key

TRAIN = "train"
"""Folder of a job's event files with what was measured while training."""

TEST = "test"
"""The test images; and the folder of event files with evaluations on them."""

VALIDATION = "validation"
"""The images held out of the training images; and the folder of evaluations on them."""

SUMMARY = "summary"
"""Folder of a job's event file with what is no curve: graph, texts, diagram, result."""


def layer_name(index: int) -> str:
    """Return the Keras name of a layer, ``stem`` for index 0."""
    return f"layer{index:02d}" if index else "stem"


def head_name(index: int) -> str:
    """Return the Keras name of the auxiliary head of a layer."""
    return f"{layer_name(index)}_head"


def featuremap_tags(architecture: Architecture) -> dict[str, str]:
    """Return key in ``featuremaps`` -> tag, such as ``featuremaps_stage1/layer03/Branch2_3x3``.

    TensorBoard makes a group of cards of each first part.
    """
    return {
        branch_key(index, name): f"featuremaps_{_stage(architecture, index)}/{layer_name(index)}"
        f"/{name}_{block}"
        for index, layer in architecture.branch_layers()
        for name, block in layer.branches
    }


def gate_tags(architecture: Architecture) -> dict[str, str]:
    """Return key in ``gates`` -> tag, such as ``gates_stage1/layer05/from_layer01``."""
    return {
        gate_key(source, end): f"gates_{_stage(architecture, end)}/{layer_name(end)}"
        f"/from_{layer_name(source)}"
        for source, end in architecture.skip_connections()
    }


def histogram_tag(tag: str) -> str:
    """Return the tag of a stage's histogram, such as ``gates_stage1/all``, from one of its tags."""
    return f"{tag.partition('/')[0]}/all"


def _stage(architecture: Architecture, index: int) -> str:
    number = next(n for n, stage in enumerate(architecture.stages, start=1) if index in stage)
    return f"stage{number}"
