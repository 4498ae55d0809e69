"""The names of layers, branches and skip connections in Keras models and in files."""

BRANCH_GATE = "branch_gate"
"""Name of a branch's learnable gate: a weight of the branch, and the ranking by its size."""


def layer_name(index: int) -> str:
    """Return the Keras name of a layer; index 0 is the stem."""
    return f"layer{index:02d}" if index else "stem"


def layer_index(name: str) -> int:
    """Return the index of a layer from its Keras name, the reverse of :func:`layer_name`."""
    return int(name.removeprefix("layer"))


def head_name(index: int) -> str:
    """Return the Keras name of the auxiliary head of a layer."""
    return f"{layer_name(index)}_head"


def branch_key(layer: int, branch: str) -> str:
    """Return the key of a branch in ``statistics.json``, such as ``3/Branch2``."""
    return f"{layer}/{branch}"


def gate_key(source: int, destination: int) -> str:
    """Return the key of a skip connection in ``statistics.json``, such as ``1-5``."""
    return f"{source}-{destination}"
