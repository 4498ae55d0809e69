"""The only door to this room: an architecture to a Keras model, checked."""

import keras

from nac.architecture.json_form import parse_architecture
from nac.architecture.network import Architecture
from nac.models.handmade import build_handmade
from nac.models.macro import BuildOptions, build_macro
from nac.models.micro import build_micro


def build_model(
    architecture: Architecture | str,
    input_shape: tuple[int, int, int],
    classes: int | None = None,
    *,
    collect_statistics: bool = True,
    branch_dropout: float = 0.2,
    seed: int = 0,
    branch_gates: bool = False,
    batch_norm_scale: bool = False,
) -> keras.Model:
    """Build a functional Keras model; its output are logits, (batch, classes).

    With auxiliary classifiers in the network it is a list: the logits, then those of each.

    Args:
        architecture: an Architecture or its JSON text, with stem and classifier.
        input_shape: (height, width, channels) of an image.
        classes: what the classifier must tell apart; None takes what the classifier says.
        collect_statistics: whether branches measure their featuremaps.
        branch_dropout: share of a branch's outputs dropped in training.
        seed: of dropout and cutout. Weights follow Keras' global seed.
        branch_gates: whether the output of each branch of a macro network is multiplied by a
            learnable gate. (Networks made by hand have no branches.)
        batch_norm_scale: whether batch norm has a learnable scale in a macro network.

    Raises:
        InputError: no stem or classifier, other classes than the classifier has, or more stages
            than the image can be halved.
    """
    if isinstance(architecture, str):
        architecture = parse_architecture(architecture)
    architecture.need_cells()
    architecture.need_classes(classes)
    if architecture.handmade:
        return build_handmade(architecture.handmade, tuple(input_shape), seed)
    options = BuildOptions(collect_statistics, branch_dropout, seed, branch_gates, batch_norm_scale)
    build = build_micro if architecture.type == "micro" else build_macro
    return build(architecture, tuple(input_shape), options)
