"""Macro networks: an architecture's layers in a row, with gated skip connections between them."""

from dataclasses import dataclass

import keras

from nac.architecture import fixed_cells
from nac.architecture.keys import head_name, layer_name
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, Widener2
from nac.models.cells import BranchCell, PoolingCell, WidenerCell
from nac.models.heads import Head
from nac.models.stem_and_classifier import Classifier, Stem
from nac.utils.errors import InputError


@dataclass(frozen=True)
class BuildOptions:
    """What a network is built with beside its architecture.

    Attributes:
        collect_statistics: whether featuremap metrics are measured.
        branch_dropout: share of a branch's outputs dropped in training.
        seed: of dropout and cutout.
        branch_gates: whether each branch has a learnable gate.
    """

    collect_statistics: bool = True
    branch_dropout: float = 0.2
    seed: int = 0
    branch_gates: bool = False

    def layer_seed(self, index: int) -> int:
        """Return a seed for the layer with the given index (a cell has at most 100)."""
        return self.seed * 100_003 + index * 100


def make_stem(architecture: Architecture, options: BuildOptions) -> Stem:
    """Return the first cell of a network."""
    cell = fixed_cells.to_dict(architecture.stem)
    seed = options.layer_seed(0)
    return Stem(cell, seed, architecture.amla_compatible, name=layer_name(0))


def make_classifier(architecture: Architecture, options: BuildOptions) -> Classifier:
    """Return the last cell of a network."""
    cell = fixed_cells.to_dict(architecture.classifier)
    seed = options.layer_seed(len(architecture.network) + 1)
    return Classifier(cell, seed, name="classifier")


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

    def pooled_to(self, height: int, source: int):
        """Return a source, 2x2-max-pooled until it has the given height."""
        times = 0
        while self._pooled(source, times).shape[1] > height:
            times += 1
        pooled = self._pooled(source, times)
        if pooled.shape[1] != height:
            raise InputError(
                f"architecture: layer {self.last + 1}: source {source} of {pooled.shape[1]} pixels"
                f" height does not fit the direct input of {height}"
            )
        return pooled

    def _pooled(self, source: int, times: int):
        if (source, times) not in self._outputs:
            name = f"{layer_name(source)}_pooled{times}"
            pool = keras.layers.MaxPooling2D(2, 2, padding="same", name=name)
            self._outputs[source, times] = pool(self._pooled(source, times - 1))
        return self._outputs[source, times]


class _Builder:
    """Puts the layers of a macro network one after the other.

    Args:
        architecture: what is built.
        options: instrumentation, dropout and seed.
        stem: output of the stem.
    """

    def __init__(self, architecture: Architecture, options: BuildOptions, stem):
        self._architecture, self._options = architecture, options
        self.featuremaps = _Featuremaps(stem)
        self.heads: list = []
        self._width = stem.shape[-1]
        self._joined = None

    def add(self, index: int) -> None:
        """Build the layer with the given index."""
        layer = self._architecture.layer(index)
        if isinstance(layer, BranchLayer):
            output = self._branch_cell(index, layer)
        elif isinstance(layer, Auxiliary):
            output = self._auxiliary(index, layer)
        elif isinstance(layer, Widener2):
            output = self._pooling_cell(index, layer)
        else:
            output = self._widener(index)
        self.featuremaps.append(output)

    def _branch_cell(self, index: int, layer: BranchLayer):
        options = self._options
        sources = self._architecture.sources(index)
        joined = self._architecture.amla_compatible and sources is not None
        cell = BranchCell(
            layer.branches,
            layer.outputs,
            sources,
            options.collect_statistics,
            options.branch_dropout,
            options.layer_seed(index),
            joined,
            options.branch_gates,
            name=layer_name(index),
        )
        direct = self.featuremaps.direct()
        skips = [self.featuremaps.pooled_to(direct.shape[1], source) for source in sources or ()]
        output = cell([direct, *skips])
        if joined:
            output, self._joined = output
        return output

    def _auxiliary(self, index: int, layer: Auxiliary):
        """Add a head; in AMLA's macro networks there is none, but the entry still counts."""
        direct = self.featuremaps.direct()
        if not self._architecture.amla_compatible:
            classes = fixed_cells.classes(self._architecture.classifier)
            if layer.outputs != classes:
                raise InputError(
                    f"architecture: layer {index}: outputs: expected {classes}, as the classifier"
                    f" has, received {layer.outputs}"
                )
            self.heads.append(Head(layer.outputs, name=head_name(index))(direct))
        return direct

    def _pooling_cell(self, index: int, layer: Widener2):
        """Reduce the direct input and ungated skips, or what AMLA takes for them.

        AMLA takes the gated inputs of the last layer that had any, at their size, in place of the
        direct input.
        """
        direct = self.featuremaps.direct()
        if not self._architecture.amla_compatible:
            inputs = [direct]
        elif self._joined is None:
            raise InputError(
                f"architecture: layer {index}: a widener2 needs an earlier layer with inputs when"
                " amla_compatible is set"
            )
        else:
            inputs = [direct, self._joined]
        cell = PoolingCell(len(inputs) - 1, name=layer_name(index))
        height = inputs[-1].shape[1]
        inputs += [self.featuremaps.pooled_to(height, source) for source in layer.inputs]
        return self._reduce(cell, inputs, index)

    def _widener(self, index: int):
        cell = WidenerCell(self._width, name=layer_name(index))
        return self._reduce(cell, self.featuremaps.direct(), index)

    def _reduce(self, cell, inputs, index: int):
        direct = self.featuremaps.direct()
        if direct.shape[1] < 2 or direct.shape[2] < 2:
            raise InputError(
                f"architecture: layer {index}: a widener cannot halve featuremaps of"
                f" {direct.shape[1]}x{direct.shape[2]} pixels; expected fewer stages or larger"
                " images"
            )
        self._width *= 2
        return cell(inputs)


def build_macro(
    architecture: Architecture, input_shape: tuple[int, int, int], options: BuildOptions
) -> keras.Model:
    """Return the network; the output of layer i is that of the Keras layer ``layer<i>``.

    Its outputs are the logits, and if there are auxiliary heads, a list of the logits and theirs.

    Args:
        architecture: with stem and classifier.
        input_shape: (height, width, channels) of an image.
        options: instrumentation, dropout and seed.
    """
    images = keras.Input(input_shape, name="images")
    stem = make_stem(architecture, options)(images)
    builder = _Builder(architecture, options, stem)
    for index in range(1, len(architecture.network) + 1):
        builder.add(index)
    head = make_classifier(architecture, options)
    logits = head(builder.featuremaps.direct())
    outputs = [logits, *builder.heads] if builder.heads else logits
    return keras.Model(images, outputs, name="network")
