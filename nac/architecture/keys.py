"""How layers, branches and skip connections are named in Keras models and in files."""

BRANCH_GATE = "branch_gate"
"""Name of a branch's learnable gate: a weight of the branch, and the ranking by its size."""


def layer_name(index: int) -> str:
    """Return the Keras name of a layer, ``stem`` for index 0."""
    return f"layer{index:02d}" if index else "stem"


def head_name(index: int) -> str:
    """Return the Keras name of the auxiliary head of a layer."""
    return f"{layer_name(index)}_head"


def branch_key(layer: int, branch: str) -> str:
    """Return the key of a branch in ``statistics.json``, for instance ``3/Branch2``."""
    return f"{layer}/{branch}"


def gate_key(source: int, destination: int) -> str:
    """Return the key of a skip connection in ``statistics.json``, for instance ``1-5``."""
    return f"{source}-{destination}"
