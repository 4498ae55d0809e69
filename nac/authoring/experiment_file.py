"""The experiment file for a folder of images: YAML with comments, ready to be edited."""

import shlex
from pathlib import Path

from nac.architecture.network import Architecture
from nac.authoring.choices import Choices, choose, operations_per_image
from nac.authoring.image_set import ImageSet
from nac.config import Experiment, parse_experiment
from nac.construction.costs import count
from nac.construction.prior import prior
from nac.construction.width import Limit
from nac.utils.errors import LONGEST, InputError
from nac.utils.plain_yaml import dump_yaml, parse_yaml
from nac.utils.text import listed, printable

STEM_CHANNELS = 24
"""Channels that the stem puts out. The budget makes them more or fewer."""

FIRST_CHANNELS = 16
"""Channels of the first of two convolutions of a stem."""

WEIGHT_DECAY, ERASING = 0.02, 0.5
"""What keeps a training from learning images by heart that it sees often."""


def experiment_text(images: ImageSet, choices: Choices, name: str) -> str:
    """Return the experiment file for a folder of images.

    Args:
        images: What is known about the images.
        choices: The values that depend on them.
        name: Name of the experiment.
    """
    first, *others = choices.stages * [1]
    layers, grows = [first, *others], [not others, *(True for _ in others)]
    most = [3 if growing else 1 for growing in grows]
    return f"""\
# Constructs a network for your own images.
#
#   nac construct --config=THIS_FILE --train_final
#
# nac init chose these values for {_summary(images)}.
# Edit what you like; docs/experiment.md describes every key.

recipe: modern

parameters:
  arch_name: {_quoted(name)}
  mode: construct
  dataset: {_quoted(images.dataset)}
{_image_size(images, choices)}  batch_size: {choices.batch_size}
  steps: 300            # of the first truncated training, about; the budget decides
  iterations: 2
  validation_share: {choices.validation_share:<3g} # {_held_out(images)}
  seed: 0
{_weight_decay(choices)}
augmentation:
{_erasing(choices)}  flip: {_flip(choices)}
  crop: reflect         # false where the objects always fill their images alike

budget:
  minutes: {_number(choices.minutes):<12} # of the whole run; --minutes changes it
  parameters: {choices.parameters:<9} # of each network; --max_parameters changes it

envelopenet:            # which parallel branches there are, and how the network grows
  stages: {choices.stages:<13} # featuremaps of {_stages(choices)} pixels
  layers_per_stage: {layers}
  max_layers_per_stage: {most}
  construction: [{", ".join(str(growing).lower() for growing in grows)}]
  max_filter_prune: 4
  envelopecell:
    Branch1: 1x1
    Branch2: 3x3
    Branch3: 3x3sep
    Branch4: 5x5sep
  skip: true

init_cell:              # {_stem_comment(choices)}
{_stem(choices.reduction)}
classification_cell:
  Layer0: {{Branch0: {{block: reduce_mean}}}}
  Layer1: {{Branch0: {{block: fc-final, inputs: {STEM_CHANNELS * 2 ** (choices.stages - 1)}, \
outputs: {len(images.classes)}}}}}  # one per class

final_training:
  validation_share: 0   # use all training images, as no choices are left
"""


def chosen_for(
    images: ImageSet,
    minutes: float,
    operations_per_second: float,
    image_size: int | None = None,
    parameters: int | None = None,
) -> Choices:
    """Return the values that fit images and time (see :func:`nac.authoring.choices.choose`)."""
    return choose(
        images,
        minutes,
        operations_per_second,
        lambda choices: first_network_cost(images, choices),
        image_size,
        parameters,
    )


def first_network_cost(images: ImageSet, choices: Choices) -> float:
    """Return the floating-point operations of the first network of an experiment per image."""
    experiment = as_experiment(experiment_text(images, choices, "try"), "nac init")
    shape = (choices.side, choices.side, 3)

    def parameters(network: Architecture) -> int:
        return count(network, shape).parameters

    limit = Limit("parameters", parameters, choices.parameters)
    settings, stem = experiment.need("envelopenet"), experiment.need("init_cell")
    return count(prior(settings, stem, experiment.classifier, [limit]), shape).flops


def as_experiment(text: str, source: str) -> Experiment:
    """Return the experiment that a file says, which is read as any experiment file.

    Raises:
        InputError: It is not valid.
    """
    try:
        return parse_experiment(parse_yaml(text), source)
    except ValueError as error:
        raise InputError(f"{source}: not valid YAML: {error}") from None


def explained(images: ImageSet, choices: Choices, operations_per_second: float) -> list[str]:
    """Return what was chosen and why, as lines for people."""
    allowed = operations_per_image(images.train, choices.minutes, operations_per_second)
    native = (choices.side, choices.side) == (images.height, images.width)
    size = f"images of {choices.side}x{choices.side} pixels"
    seen = f"the full training sees each image about {choices.epochs:,.0f} times"
    lines = [
        str(images),
        *images.notes,
        f"{size}, {'their own size' if native else 'to which they are stretched'};"
        f" networks of up to {choices.parameters:,} parameters;"
        f" {_number(choices.minutes)} minutes, in which this machine can spend about"
        f" {allowed / 1e6:,.0f} MFLOPs on each image",
        *([f"{seen}: more weight decay, random erasing"] if choices.sees_often else ()),
    ]
    return [printable(line) for line in lines]


def _summary(images: ImageSet) -> str:
    number = images.train + images.test + images.validation
    names = printable(listed(images.classes), LONGEST)  # a line break would end the comment
    return f"{number:,} images of {len(images.classes)} classes ({names})"


def _number(value: float) -> str:
    """Return a number as people write it, also from a million on: 1000000 and not 1e+06."""
    return f"{value:.12g}"


def _quoted(text: str) -> str:
    """Return a text as YAML, in quotes only where it needs them.

    Raises:
        InputError: It has bytes that are not UTF-8, which no YAML can express.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{text}: expected a name in UTF-8, received other bytes") from None
    line = dump_yaml(text, default_flow_style=True, width=10**6)
    return line.removesuffix("\n...\n").strip()


def _image_size(images: ImageSet, choices: Choices) -> str:
    if not images.dataset.startswith("folder:"):
        return ""  # they have the right size already
    side = choices.side
    return f"  image_size: {side:<9} # images are stretched to {side}x{side} pixels\n"


def _weight_decay(choices: Choices) -> str:
    if not choices.sees_often:
        return ""
    seen = f"each image is seen about {choices.epochs:.0f} times"
    return f"""
child_training:
  weight_decay: {WEIGHT_DECAY:<7} # four times the usual, as {seen}
"""


def _erasing(choices: Choices) -> str:
    if not choices.sees_often:
        return ""
    return f"  erasing: {ERASING:<12} # share of images of which a random part is erased\n"


def _flip(choices: Choices) -> str:
    comment = "# false where a mirror image means something else, as with letters"
    return f"{str(choices.flip).lower():<16}{comment}"


def _held_out(images: ImageSet) -> str:
    if images.validation:
        return f"any value above 0: the folder has {images.validation:,} of its own"
    return "of the training images; all choices are based on them"


def _stages(choices: Choices) -> str:
    side, sides = choices.featuremap, []
    for _ in range(choices.stages):
        sides.append(f"{side}x{side}")
        side = -(-side // 2)
    return ", ".join(sides)


def _stem_comment(choices: Choices) -> str:
    sides = f"{choices.side}x{choices.side} pixels become {choices.featuremap}x{choices.featuremap}"
    return sides if choices.reduction > 1 else "keeps height and width"


def _stem(reduction: int) -> str:
    """Return the layers of a stem: one or two convolutions, and a max-pool if it reduces."""
    pool = "{Branch0: {block: max_pool, kernel_size: [2, 2]}}"
    convolution = f"{{Branch0: {{block: conv2d, kernel_size: [3, 3], outputs: {STEM_CHANNELS}}}}}"
    strided = convolution.replace("outputs", "stride: 2, outputs")
    # On so many pixels, more channels would take longer than all of the network behind it.
    first = strided.replace(str(STEM_CHANNELS), str(FIRST_CHANNELS))
    layers = {
        1: [convolution],
        2: [convolution, pool],
        4: [strided, pool],
        8: [first, strided, pool],
    }[reduction]
    return "".join(f"  Layer{number}: {layer}\n" for number, layer in enumerate(layers))


def command_to_run(path: Path) -> str:
    """Return the command that runs an experiment file."""
    return shlex.join(["nac", "construct", f"--config={path}", "--train_final"])
