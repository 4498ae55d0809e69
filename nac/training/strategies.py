"""Devices and distribution strategy of a job, set up before any other use of TensorFlow."""

import tensorflow as tf

from nac.cluster.members import MULTI_WORKER
from nac.utils.errors import InputError
from nac.utils.signals import signals_kept

STRATEGIES = ("auto", "one", "mirrored", MULTI_WORKER)


def make_strategy(kind: str = "auto", logical_cpus: int = 0) -> tf.distribute.Strategy:
    """Return the strategy of a job.

    Args:
        kind: "one" for one device, "mirrored" for all visible GPUs, or "auto": mirrored if there
            are several GPUs, else one device, which is the CPU if there is no GPU. "multi_worker"
            is for all visible GPUs, or the CPU, of each worker that ``TF_CONFIG`` lists; it waits
            until all of them are there.
        logical_cpus: Number of devices to split the CPU into, without using GPUs. A way to try
            "mirrored" without GPUs. 0 leaves the devices as they are.

    Raises:
        InputError: The kind is unknown.
    """
    if kind == MULTI_WORKER and logical_cpus:
        raise InputError(
            f"--logical_cpus: not with --strategy={MULTI_WORKER}, which takes all GPUs of a worker"
            " or its CPU as a whole"
        )
    if kind not in STRATEGIES:
        raise InputError(f"--strategy: expected one of {', '.join(STRATEGIES)}, received {kind!r}")
    devices = _split_cpu(logical_cpus) if logical_cpus else _visible_devices()
    if kind == MULTI_WORKER:
        with signals_kept():  # from TensorFlow, which would take SIGTERM for itself
            return tf.distribute.MultiWorkerMirroredStrategy()
    if kind == "mirrored" or (kind == "auto" and len(devices) > 1):
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.OneDeviceStrategy(devices[0])


def _visible_devices() -> list[str]:
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    return [f"GPU:{number}" for number in range(len(gpus))] or ["CPU:0"]


def _split_cpu(count: int) -> list[str]:
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * count
    tf.config.set_logical_device_configuration(cpu, parts)
    return [f"CPU:{number}" for number in range(count)]


def describe_devices(strategy: tf.distribute.Strategy) -> str:
    """Return a description of the devices, such as ``2 x Tesla V100-SXM2-16GB``.

    Those of several workers are counted together, as ``16 x Tesla V100-SXM2-16GB on 2 workers``.
    """
    count, here = strategy.num_replicas_in_sync, len(strategy.extended.worker_devices)
    place = "" if count == here else f" on {count // here} workers"
    return device_name(strategy) if count == 1 else f"{count} x {device_name(strategy)}{place}"


def strategy_name(strategy: tf.distribute.Strategy) -> str:
    """Return the name of a strategy's class, as TensorFlow documents it."""
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return "MultiWorkerMirroredStrategy"
    return type(strategy).__name__


def device_name(strategy: tf.distribute.Strategy) -> str:
    """Return the name of one of a strategy's devices."""
    if not uses_gpu(strategy):
        return "CPU"
    gpu = tf.config.list_physical_devices("GPU")[0]
    return tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")


def set_determinism(
    wanted: str, seed: int, strategy: tf.distribute.Strategy, jit_compile: bool = False
) -> None:
    """Seed the weights, and make operations reproducible bit for bit.

    Args:
        wanted: "on", "off", or "auto": on for CPUs, where it costs almost nothing, and off for
            GPUs, where it takes time and some operations have no deterministic form, and for XLA.
        seed: Seed of the weights' initial values.
        strategy: The strategy of the job.
        jit_compile: Whether XLA compiles the training step.

    Raises:
        InputError: It is wanted of XLA.
    """
    if wanted == "on" and jit_compile:
        raise InputError(
            "--deterministic=on: not with --jit_compile, as XLA has no deterministic gradient of"
            " max-pooling"
        )
    tf.keras.utils.set_random_seed(seed)
    if wanted == "on" or (wanted == "auto" and not uses_gpu(strategy) and not jit_compile):
        tf.config.experimental.enable_op_determinism()


def uses_gpu(strategy: tf.distribute.Strategy) -> bool:
    """Return whether a strategy's replicas are on GPUs."""
    return "GPU" in strategy.extended.worker_devices[0]
