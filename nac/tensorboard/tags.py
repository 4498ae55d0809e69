"""Tags of the curves of branches and gates. TensorBoard groups cards by their first part."""

from nac.architecture.keys import branch_key, gate_key, layer_name
from nac.architecture.network import Architecture
from nac.config.rankings import DEFAULT


def branch_group(ranking: str) -> str:
    """Return the beginning of the tags of branches, which says by which ranking they are shown.

    Runs with different rankings can thus be shown together without mixing their values.
    """
    return "featuremaps" if ranking == DEFAULT else ranking


def branch_tags(architecture: Architecture, ranking: str = DEFAULT) -> dict[str, str]:
    """Return key of a branch -> tag, such as ``featuremaps_stage1/layer03/Branch2_3x3``."""
    return {
        branch_key(index, name): f"{branch_group(ranking)}_stage{architecture.stage_of(index)}"
        f"/{layer_name(index)}/{name}_{block}"
        for index, layer in architecture.branch_layers()
        for name, block in layer.branches
    }


def gate_tags(architecture: Architecture) -> dict[str, str]:
    """Return key of a gate -> tag, such as ``gates_stage1/layer05/from_layer01``."""
    return {
        gate_key(source, end): f"gates_stage{architecture.stage_of(end)}/{layer_name(end)}"
        f"/from_{layer_name(source)}"
        for source, end in architecture.skip_connections()
    }


def histogram_tag(tag: str) -> str:
    """Return the tag of a stage's histogram, such as ``gates_stage1/all``, from one of its tags."""
    return f"{tag.partition('/')[0]}/all"
