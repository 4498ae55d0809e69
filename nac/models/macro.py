"""Macro networks: an architecture's layers in a row, with gated skip connections between them."""

from dataclasses import dataclass

import keras

from nac import fixed_cells
from nac.architecture import Architecture, BranchLayer
from nac.errors import InputError
from nac.models.cells import BranchCell, Classifier, Stem, WidenerCell


@dataclass(frozen=True)
class BuildOptions:
    """What a network is built with beside its architecture.

    Attributes:
        collect_statistics: whether featuremap metrics are measured.
        branch_dropout: share of a branch's outputs dropped in training.
        seed: of dropout and cutout.
    """

    collect_statistics: bool = True
    branch_dropout: float = 0.2
    seed: int = 0

    def layer_seed(self, index: int) -> int:
        """Return a seed for the layer with the given index (a cell has at most 100)."""
        return self.seed * 100_003 + index * 100


def layer_name(index: int) -> str:
    """Return the Keras name of a layer, ``stem`` for index 0."""
    return f"layer{index:02d}" if index else "stem"


class _Featuremaps:
    """Outputs of all layers so far, pooled on demand; each pooling is made once."""

    def __init__(self, stem):
        self._outputs = {(0, 0): stem}
        self.last = 0

    def append(self, output) -> None:
        self.last += 1
        self._outputs[self.last, 0] = output

    def direct(self):
        return self._outputs[self.last, 0]

    def pooled_to_direct(self, source: int):
        """Return a source, 2x2-max-pooled until its height is that of the direct input."""
        target = self.direct().shape[1:3]
        times = 0
        while self._pooled(source, times).shape[1] > target[0]:
            times += 1
        pooled = self._pooled(source, times)
        if pooled.shape[1:3] != target:
            raise InputError(
                f"architecture: layer {self.last + 1}: source {source} of {pooled.shape[1:3]}"
                f" pixels does not fit the direct input of {target}"
            )
        return pooled

    def _pooled(self, source: int, times: int):
        if (source, times) not in self._outputs:
            name = f"{layer_name(source)}_pooled{times}"
            pool = keras.layers.MaxPooling2D(2, 2, padding="same", name=name)
            self._outputs[source, times] = pool(self._pooled(source, times - 1))
        return self._outputs[source, times]


def build_macro(
    architecture: Architecture, input_shape: tuple[int, int, int], options: BuildOptions
) -> keras.Model:
    """Return the network; the output of layer i is that of the Keras layer ``layer<i>``.

    Args:
        architecture: with stem and classifier.
        input_shape: (height, width, channels) of an image.
        options: instrumentation, dropout and seed.
    """
    images = keras.Input(input_shape, name="images")
    stem_cell = fixed_cells.to_dict(architecture.stem)
    stem = Stem(stem_cell, options.layer_seed(0), name=layer_name(0))(images)
    featuremaps = _Featuremaps(stem)
    width = stem.shape[-1]
    for index, layer in enumerate(architecture.network, start=1):
        if isinstance(layer, BranchLayer):
            cell, inputs = _branch_cell(architecture, index, featuremaps, options)
        else:
            cell, inputs = _widener(width, index, featuremaps)
            width *= 2
        featuremaps.append(cell(inputs))
    head = Classifier(
        fixed_cells.to_dict(architecture.classifier),
        options.layer_seed(len(architecture.network) + 1),
        name="classifier",
    )
    return keras.Model(images, head(featuremaps.direct()), name="network")


def _branch_cell(
    architecture: Architecture, index: int, featuremaps: _Featuremaps, options: BuildOptions
):
    layer = architecture.layer(index)
    sources = architecture.sources(index)
    cell = BranchCell(
        layer.branches,
        layer.outputs,
        sources,
        options.collect_statistics,
        options.branch_dropout,
        options.layer_seed(index),
        name=layer_name(index),
    )
    skips = [featuremaps.pooled_to_direct(source) for source in sources or ()]
    return cell, [featuremaps.direct(), *skips]


def _widener(width: int, index: int, featuremaps: _Featuremaps):
    direct = featuremaps.direct()
    if direct.shape[1] < 2 or direct.shape[2] < 2:
        raise InputError(
            f"architecture: layer {index}: a widener cannot halve featuremaps of"
            f" {direct.shape[1]}x{direct.shape[2]} pixels; expected fewer stages or larger images"
        )
    return WidenerCell(width, name=layer_name(index)), direct
