"""Sizes beyond which input is refused, so that no file can use up time or memory.

All of them are far above what networks and experiments need. A message names the limit and the
place.
"""

FILE_BYTES = 4 * 2**20
"""Bytes of a JSON file, such as the statistics of a job."""

YAML_BYTES = 256 * 2**10
"""Bytes of a YAML file; people write it, and it is read much more slowly than JSON."""

PREDICTIONS_BYTES = 2**28
"""Bytes of all arrays of `predictions.npz`, unpacked."""

PREDICTIONS = 5_000_000
"""Images whose answers are in `predictions.npz`."""

WEIGHTS_BYTES = 2**30
"""Bytes of all arrays of `weights.npz`."""

EVENTS_BYTES = 2**25
"""Bytes of the event files of TensorBoard in a folder; files beyond it are passed over."""

NESTING = 50
"""Lists and mappings inside each other."""

VALUES = 100_000
"""Values in a YAML file, where what an alias stands for counts each time."""

NUMBER_LENGTH = 100
"""Characters of a number."""

INTEGER = 2**53
"""Any integer; larger ones are not exact as floating-point numbers, and JSON has no others."""

NAME = 100
"""Characters of a name: of a branch, a cell, an experiment or a run."""

CLASS_NAME = 1_000
"""Characters of the name of a class. Names of folders are shorter on all usual systems."""

STAGES = 20
"""Stages of a network, each of which halves height and width."""

LAYERS = 500
"""Layers of a network."""

BRANCHES = 100
"""Branches of a layer, nodes of a cell, or layers of a stem or classifier."""

CHANNELS = 2**16
"""Channels of a layer, and outputs of a classifier."""

KERNEL = 64
"""Side of a kernel in pixels, stride or dilation of a convolution."""

PIXELS = 2**12
"""Side of an image in pixels."""

IMAGE_PIXELS = 110_000_000
"""Pixels of an image file, more than the 102 million of the largest sensors that are common; while
it is decoded, it takes about 0.5 GB of memory."""

BATCH = 2**20
"""Images per step."""

DEVICES = 1_024
"""Devices that share a batch."""

STEPS_PER_CALL = 10_000
"""Training steps between which no Python runs."""

ITERATIONS = 999
"""Iterations of a construction, and networks that a tournament compares. Their directories have
three digits."""

NETWORKS = 999
"""Random or shuffled networks of a comparison, and trainings of each network."""

WIDTH = 1_000.0
"""Factor of the channels of a network made by hand."""

SECONDS = 1e8
"""Seconds of a job, about three years."""
