"""Count the copies between host and device in a trace of training steps.

    python copies.py NETWORK

One part of the CPU plays the device and another one the host, so that no GPU is needed. Prints the
copies per step as JSON: those in all steps, and those in every call of several steps.
"""

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import side

CALLS, STEPS = 10, 10


def trained_calls(network: str):
    """Return a function that trains for one call, on the second part of the CPU."""
    import tensorflow as tf

    from nac.data.datasets import dataset_of
    from nac.training import optimizers
    from nac.training.batches import Batches
    from nac.training.calls import Calls

    job = side.make_job(network, {})
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.OneDeviceStrategy("CPU:1")
    optimizers.uses_gpu = lambda strategy: True  # the forms for GPUs
    calls = Calls(side.nac_steps(network, job, strategy, {}), STEPS)
    batches = Batches(dataset_of(job), job.recipe, strategy).training_parts(0, 10**9)
    return lambda: calls.train(batches, [0.01] * STEPS, [0.5] * STEPS)


def traced(work) -> Counter[str]:
    """Return how often each operation ran while a function was called CALLS times."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as directory:
        tf.profiler.experimental.start(directory)
        for _ in range(CALLS):
            result = work()
        result.losses.numpy()
        tf.profiler.experimental.stop()
        (path,) = Path(directory).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
    return Counter(
        plane.event_metadata[event.metadata_id].name
        for plane in space.planes
        for line in plane.lines
        for event in line.events
    )


def main(network: str) -> None:
    """Count and print."""
    work = trained_calls(network)
    work()
    copies = {name: count for name, count in traced(work).items() if name.endswith(":_Send")}
    per_step = sum(count >= CALLS * STEPS for count in copies.values())
    print(json.dumps({"step": per_step, "call": len(copies) - per_step}))


if __name__ == "__main__":
    main(*sys.argv[1:])
