"""Measure once what a training step's blocks cost on this machine.

    nac measure

times small networks and their layers, which takes a minute or two, and keeps the result in
``~/.cache/nac``. ``nac describe`` then estimates how long a training step takes, and
``budget.step_ms`` limits it. The table shows layers of one cost in FLOPs that differ in time: many
narrow branches or a wide one. Measure while the machine does nothing else; ``--again`` replaces
what is kept.
"""

import os
import threading
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import NoReturn

from absl import flags

from nac.architecture.json_form import parse_block
from nac.architecture.network import BranchLayer
from nac.cli.command import command
from nac.construction.step_parts import branches
from nac.construction.step_time import BlockTimes, KindCost, by_layer
from nac.runs.block_times import (
    FLOAT32,
    keep_times,
    tensorflow_version,
    times_path,
    undamaged_times,
)
from nac.runs.devices import cpu_name
from nac.utils.processes import available_cores, quietly
from nac.utils.tables import table

FLAGS = flags.FlagValues()
flags.DEFINE_bool("again", False, "Measure although there are times already.", flag_values=FLAGS)
flags.DEFINE_enum(
    "dtype_policy",
    FLOAT32,
    [FLOAT32, "mixed_float16", "mixed_bfloat16"],
    "Numbers in which the networks compute; see child_training.mixed_precision.",
    flag_values=FLAGS,
)

BATCH, SIDE = 64, 8
"""Images per step and their side, in the table."""

LAYERS = ((6, 12), (1, 12), (6, 48), (1, 48))
"""Number of branches and of channels of the layers in the table."""

BLOCKS = ("1x1", "3x3", "5x5", "3x3sep", "5x5sep", "7x7sep")


def main() -> None:
    """Measure, unless that was done before, and print a table."""
    path = times_path(FLAGS.dtype_policy)
    times = None if FLAGS.again else undamaged_times(path)
    if times is None:
        print("measuring, which takes a minute or two ...", flush=True)
        with quietly():  # TensorFlow has much to say when it starts
            times = measured(FLAGS.dtype_policy)
        keep_times(times, path)
    print(f"{text(times)}\n\nkept in {path}")


def measured(dtype_policy: str) -> BlockTimes:
    """Return the times of the device at hand, measured in fresh processes.

    Args:
        dtype_policy: Keras' dtype policy of the networks.
    """
    device, together = _in_a_process(False, dtype_policy)
    on_cpu = device == "CPU"
    return BlockTimes(
        device=cpu_name() if on_cpu else device,
        tensorflow=tensorflow_version(),
        threads=available_cores(),
        dtype_policy=dtype_policy,
        merged=on_cpu,
        together=together,
        apart=_in_a_process(True, dtype_policy)[1] if on_cpu else None,
    )


def _in_a_process(apart: bool, dtype_policy: str) -> tuple[str, dict[str, KindCost]]:
    """Measure in a process of its own, as TensorFlow's threads cannot be changed later."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(apart, dtype_policy, sender), daemon=True)
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        process.join()
        code = process.exitcode
        raise RuntimeError(f"the process that measures ended with exit code {code}") from None
    finally:  # also after a signal, which nothing is saved for
        process.kill()
        process.join()


def _measure(apart: bool, dtype_policy: str, sender: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from nac.training.block_times import measured_costs  # imports TensorFlow

    sender.send(measured_costs(apart, dtype_policy))


def _end_with_parent() -> NoReturn:
    parent = parent_process()
    assert parent
    parent.join()
    os._exit(1)


def text(times: BlockTimes) -> str:
    """Return what the layers of the table take: milliseconds, and billions of operations/s."""
    names = [f"{count}x{channels // count}" for count, channels in LAYERS]
    header = ["block", *(f"{name} ms" for name in names), *(f"{name} GFLOP/s" for name in names)]
    return "\n".join(
        [
            f"{times.device}, {times.threads} cores, TensorFlow {times.tensorflow},"
            f" {times.dtype_policy}",
            "",
            table(header, [_row(times, block) for block in BLOCKS]),
            "",
            "6x2: a layer of 6 branches that put out 2 channels each, and gets as many in all;"
            f" {BATCH} images of",
            f"{SIDE}x{SIDE} pixels, forward and backward, with batch norm",
        ]
    )


def _row(times: BlockTimes, block: str) -> list[str]:
    layers = [_layer(block, count, channels) for count, channels in LAYERS]
    ms = [_ms(times, layer) for layer in layers]
    speeds = [_operations(layer) / time / 1e6 for layer, time in zip(layers, ms, strict=True)]
    return [block, *(f"{time:.2f}" for time in ms), *(f"{speed:.1f}" for speed in speeds)]


def _ms(times: BlockTimes, layer: BranchLayer) -> float:
    parts = branches(layer, (SIDE, SIDE, layer.channels), BATCH, times.merged)
    computed = [part for part in parts if part.kind != "update"]
    return sum(by_layer(computed, times.apart or times.together).values())


def _layer(block: str, count: int, channels: int) -> BranchLayer:
    return BranchLayer(tuple((f"Branch{number}", block) for number in range(count)), channels)


def _operations(layer: BranchLayer) -> int:
    """Return the operations of a layer's convolutions: six per multiply-add, forward and back."""
    parsed = parse_block(layer.branches[0][1])
    assert parsed is not None  # one of BLOCKS
    height, width, kind = parsed
    filters = layer.channels // len(layer.branches)
    per_input = height * width + filters if kind == "sep" else height * width * filters
    return 6 * BATCH * SIDE * SIDE * layer.channels * len(layer.branches) * per_input


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
