"""Macro networks: a sequence of layers with gated skip connections between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from nac.architecture import fixed_cells
from nac.architecture.keys import head_name, layer_name
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, Widener2
from nac.models.cells import BranchCell, PoolingCell, WidenerCell
from nac.models.stem_and_classifier import Classifier, Head, Stem
from nac.utils.errors import InputError


@dataclass(frozen=True)
class BuildOptions:
    """What a network is built with in addition to its architecture.

    Attributes:
        collect_statistics: Whether branches measure their featuremaps.
        branch_dropout: Share of a branch's outputs that is dropped in training.
        seed: Seed of dropout and cutout.
        branch_gates: Whether each branch has a learnable gate.
        batch_norm_scale: Whether batch norm has a learnable scale.
    """

    collect_statistics: bool = True
    branch_dropout: float = 0.2
    seed: int = 0
    branch_gates: bool = False
    batch_norm_scale: bool = False

    def layer_seed(self, index: int) -> int:
        """Return the first of the 100 seeds of the layer with the given index."""
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
    """The outputs of all layers so far, pooled on demand. Each pooling is made once."""

    def __init__(self, stem: keras.KerasTensor):
        self._outputs = {(0, 0): stem}
        self.last = 0

    def append(self, output: keras.KerasTensor) -> None:
        self.last += 1
        self._outputs[self.last, 0] = output

    def direct(self) -> keras.KerasTensor:
        """Return the output of the last layer, the direct input of the next one."""
        return self._outputs[self.last, 0]

    def pooled_to(self, height: int, source: int) -> keras.KerasTensor:
        """Return the output of a source, max-pooled 2x2 until it has the given height."""
        times = 0
        while self._pooled(source, times).shape[1] > height:
            times += 1
        pooled = self._pooled(source, times)
        if pooled.shape[1] != height:
            raise InputError(
                f"architecture: layer {self.last + 1}: expected sources with the {height} pixels"
                f" height of the direct input, received {pooled.shape[1]} from source {source}"
            )
        return pooled

    def _pooled(self, source: int, times: int) -> keras.KerasTensor:
        if (source, times) not in self._outputs:
            name = f"{layer_name(source)}_pooled{times}"
            pool = keras.layers.MaxPooling2D(2, 2, padding="same", name=name)
            self._outputs[source, times] = pool(self._pooled(source, times - 1))
        return self._outputs[source, times]


class _Builder:
    """Builds the layers of a macro network one after the other.

    Args:
        architecture: The network to build.
        options: Instrumentation, dropout and seed.
        stem: Output of the stem.
    """

    def __init__(self, architecture: Architecture, options: BuildOptions, stem: keras.KerasTensor):
        self.architecture, self._options = architecture, options
        self.featuremaps = _Featuremaps(stem)
        self.heads: list[keras.KerasTensor] = []
        self._width = stem.shape[-1]

    def add(self, index: int) -> None:
        """Build the layer with the given index."""
        layer, direct = self.architecture.layer(index), self.featuremaps.direct()
        if isinstance(layer, BranchLayer):
            output = self.branch_cell(index, layer)
        elif isinstance(layer, Auxiliary):
            self.auxiliary(index, layer)
            output = direct
        elif isinstance(layer, Widener2):
            self._widen(index)
            output = self.pooling_cell(index, layer)
        else:
            cell = WidenerCell(self._width, name=layer_name(index))
            self._widen(index)
            output = cell(direct)
        self.featuremaps.append(output)

    def branch_cell(self, index: int, layer: BranchLayer, **more) -> keras.KerasTensor:
        """Return the output of a cell of branches; ``more`` are further arguments of the cell."""
        sources = self.architecture.sources(index)
        cell = BranchCell(
            layer.branches,
            layer.outputs,
            sources,
            collect_statistics=self._options.collect_statistics,
            dropout=self._options.branch_dropout,
            seed=self._options.layer_seed(index),
            branch_gates=self._options.branch_gates,
            batch_norm_scale=self._options.batch_norm_scale,
            name=layer_name(index),
            **more,
        )
        direct = self.featuremaps.direct()
        return cell([direct, *self.pooled(direct.shape[1], sources or ())])

    def pooled(self, height: int, sources: Sequence[int]) -> list[keras.KerasTensor]:
        """Return the outputs of sources, max-pooled to a height."""
        return [self.featuremaps.pooled_to(height, source) for source in sources]

    def auxiliary(self, index: int, layer: Auxiliary) -> None:
        """Add an auxiliary classifier."""
        classes = fixed_cells.classes(self.architecture.classifier)
        if layer.outputs != classes:
            raise InputError(
                f"architecture: layer {index}: outputs: expected {classes}, as the classifier"
                f" has, received {layer.outputs}"
            )
        self.heads.append(Head(layer.outputs, name=head_name(index))(self.featuremaps.direct()))

    def pooling_cell(self, index: int, layer: Widener2) -> keras.KerasTensor:
        """Return the direct input and its ungated skip inputs, reduced."""
        direct = self.featuremaps.direct()
        skips = self.pooled(direct.shape[1], layer.inputs)
        return PoolingCell(name=layer_name(index))([direct, *skips])

    def _widen(self, index: int) -> None:
        direct = self.featuremaps.direct()
        if direct.shape[1] < 2 or direct.shape[2] < 2:
            raise InputError(
                f"architecture: layer {index}: a widener cannot halve featuremaps of"
                f" {direct.shape[1]}x{direct.shape[2]} pixels; expected fewer stages or larger"
                " images"
            )
        self._width *= 2


class _AmlaBuilder(_Builder):
    """Builds what AMLA builds where that is a defect, with ``amla_compatible``.

    AMLA's widener2 takes, instead of the direct input, the gated inputs of the last layer that had
    any, at their size. Macro networks have no auxiliary classifiers, but their entries count.
    """

    _joined: keras.KerasTensor | None = None

    def branch_cell(self, index: int, layer: BranchLayer, **more) -> keras.KerasTensor:
        if self.architecture.sources(index) is None:
            return super().branch_cell(index, layer, **more)
        output, self._joined = super().branch_cell(index, layer, return_joined=True)
        return output

    def auxiliary(self, index: int, layer: Auxiliary) -> None:
        pass

    def pooling_cell(self, index: int, layer: Widener2) -> keras.KerasTensor:
        if self._joined is None:
            raise InputError(
                f"architecture: layer {index}: a widener2 needs an earlier layer with inputs if"
                " amla_compatible is true"
            )
        skips = self.pooled(self._joined.shape[1], layer.inputs)
        cell = PoolingCell(skip_first=1, name=layer_name(index))
        return cell([self.featuremaps.direct(), self._joined, *skips])


def build_macro(
    architecture: Architecture, input_shape: tuple[int, int, int], options: BuildOptions
) -> keras.Model:
    """Return a macro network. The Keras layer ``layer<i>`` is layer i of the architecture.

    Its outputs are the logits or, with auxiliary classifiers, a list of the logits and theirs.

    Args:
        architecture: The network, with stem and classifier.
        input_shape: (height, width, channels) of an image.
        options: Instrumentation, dropout and seed.
    """
    images = keras.Input(input_shape, name="images")
    stem = make_stem(architecture, options)(images)
    builder = _AmlaBuilder if architecture.amla_compatible else _Builder
    network = builder(architecture, options, stem)
    for index in range(1, len(architecture.network) + 1):
        network.add(index)
    logits = make_classifier(architecture, options)(network.featuremaps.direct())
    outputs = [logits, *network.heads] if network.heads else logits
    return keras.Model(images, outputs, name="network")
