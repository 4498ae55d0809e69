"""A network starts from the weights of the one that it was made from by a restructuring.

A weight is worth something between its channels only, so weights follow these
(:mod:`nac.construction.inheritance`). What the restructured network has in addition changes little
of what it computes at first:

* New channels of an old layer have fresh weights, but the weights that read them are zero. Both
  learn: at first only what reads them, then they themselves.
* A new envelope cell passes on what it receives (:mod:`nac.training.new_cell`).

What remains is what pruning itself changes, and what does not fit into a narrower layer. The
optimizer starts anew, and the average of the weights starts from the inherited ones.
"""

from nac.architecture.keys import layer_name
from nac.config import Experiment
from nac.construction.inheritance import Succession
from nac.models.cells import BranchCell, WidenerCell
from nac.models.layers import GatedSkip
from nac.models.stem_and_classifier import Classifier, Stem
from nac.runs.inheritance import weights_path
from nac.training.former_layer import FormerLayer, Inputs
from nac.training.new_cell import let_through
from nac.training.steps import Steps
from nac.training.weights_file import SavedWeights, read_weights


def inherit(steps: Steps, experiment: Experiment) -> str:
    """Let the network of a job start from the weights that its section ``inherit`` names.

    Args:
        steps: Steps of the network, untrained.
        experiment: The job.

    Returns:
        A line for people that says where the weights are from.

    Raises:
        InputError: The section does not fit the network.
        JobError: The file of the weights is missing, damaged, or that of another network.
    """
    section, path = experiment.need("inherit"), weights_path(experiment)
    image_channels = int(steps.model.input_shape[-1])
    succession = Succession(section, experiment.architecture, image_channels)
    with steps.strategy.scope():
        _Heir(steps, succession, read_weights(path)).inherit()
        steps.average.restart()
    return f"starts from the weights of {section.arch.notation} in {path}"


class _Heir:
    """Gives each layer of a network its weights."""

    def __init__(self, steps: Steps, succession: Succession, saved: SavedWeights):
        self._model, self._succession, self._saved = steps.model, succession, saved

    def inherit(self) -> None:
        layers = self._succession.inheritance.layers
        self._stem(self._model.get_layer(layer_name(0)))
        for index, former in enumerate(layers, start=1):
            layer = self._model.get_layer(layer_name(index))
            if former is None:
                let_through(layer, self._succession.passed(index))
            elif isinstance(layer, BranchCell):
                self._cell(layer, index, self._former(layer_name(former)))
            else:
                self._widener(layer, index, self._former(layer_name(former)))
        self._classifier(self._model.get_layer("classifier"), len(layers) + 1)

    def _former(self, name: str) -> FormerLayer:
        return FormerLayer(self._saved, name)

    def _inputs(self, index: int) -> Inputs:
        return Inputs(self._succession.rows(index), self._succession.width_before(index))

    def _stem(self, stem: Stem) -> None:
        former = self._former(stem.name)
        for variable in stem.trainable_variables:
            if len(variable.shape) == 1:
                former.gives_vector(variable)
            else:  # only its last convolutions change their width, and nothing in it reads these
                former.gives_kernel(variable, Inputs.numbered(*[variable.shape[-2]] * 2))

    def _widener(self, widener: WidenerCell, index: int, former: FormerLayer) -> None:
        former.gives_kernel(widener.convolution.kernel, self._inputs(index))
        former.gives_vector(widener.convolution.bias)

    def _cell(self, cell: BranchCell, index: int, former: FormerLayer) -> None:
        inputs = self._inputs(index)
        if cell.skip is not None:
            self._skip(cell.skip, index, inputs, former)
            # What it puts out stands for nothing but itself, so that is told apart by numbers.
            width = cell.skip.kernel.shape[-1]
            inputs = Inputs.numbered(width, self._succession.direct_width_before(index))
        for branch in cell.branches:
            former.gives_branch(branch, inputs)

    def _skip(self, skip: GatedSkip, index: int, inputs: Inputs, former: FormerLayer) -> None:
        former.gives_kernel(skip.kernel, inputs)
        former.gives_vector(skip.bias)
        for gate, source in zip(skip.gates, skip.sources, strict=True):
            before = self._succession.former_gate(source, index)
            if before is not None:
                former.gives_vector(gate, f"skip/gate_{before}")

    def _classifier(self, classifier: Classifier, index: int) -> None:
        former, inputs = self._former(classifier.name), self._inputs(index)
        for dense in (layer for layer in classifier.steps if layer.trainable_variables):
            pixels = dense.kernel.shape[0] // len(inputs.rows)  # more than one if it is flattened
            former.gives_kernel(dense.kernel, inputs.repeated(pixels))
            former.gives_vector(dense.bias)
            inputs = Inputs.numbered(dense.units, dense.units)
