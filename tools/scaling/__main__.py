"""Compute what a construction on ImageNet should take on 8, 64 and 512 GPUs.

    tools/scale_plan

prints the tables of docs/cluster.md as Markdown: what is counted of the networks, what a step takes
on machines of which the published figures are known, what reading and writing ask of a file system,
and what a simulation says of constructions. Nothing of it is measured on such machines.

    tools/scale_plan --measure_input

measures how many images one core of this machine decodes and prepares per second.
"""

from pathlib import Path

from absl import flags

from nac.architecture.network import Architecture
from nac.cli.command import command
from nac.config import Experiment, load_experiment
from nac.utils.processes import quietly

ROOT = Path(__file__).resolve().parent.parent.parent
CONSTRUCTION = ROOT / "experiments" / "imagenet" / "construct.yaml"
PUBLISHED = ROOT / "experiments" / "imagenet" / "nac.yaml"

FLAGS = flags.FlagValues()
flags.DEFINE_bool(
    "measure_input", False, "Measure decoding and preparing images instead.", flag_values=FLAGS
)
flags.DEFINE_float(
    "images_per_core",
    280.0,
    "Images per second that a core decodes and prepares.",
    lower_bound=1.0,
    flag_values=FLAGS,
)
flags.DEFINE_integer("seeds", 10, "Simulations of each row.", lower_bound=2, flag_values=FLAGS)


def main() -> None:
    """Print the tables, or measure."""
    with quietly():  # TensorFlow takes seconds to import
        from tools.scaling.counts import counts
        from tools.scaling.plan import IMAGE_BYTES
        from tools.scaling.preparing import images_per_second
        from tools.scaling.tables import all_tables
    if FLAGS.measure_input:
        for what, rate in images_per_second(round(IMAGE_BYTES)).items():
            print(f"{what}: {rate:,.0f} images/s per core")
        return
    experiment = load_experiment(str(CONSTRUCTION))
    with quietly():
        networks = [
            counts(name, network, own, (224, 224, 3))
            for name, (network, own) in networks_of(experiment).items()
        ]
    print("\n\n".join(all_tables(networks, experiment, FLAGS.images_per_core, FLAGS.seeds)))


def networks_of(experiment: Experiment) -> dict[str, tuple[Architecture, Experiment]]:
    """Return the networks of the plan by their names, and how each is trained.

    Args:
        experiment: The construction, whose last network depends on chance here.
    """
    from tools.budgets import networks

    prior, *_, constructed, _ = networks(experiment, (), seed=0)
    published = load_experiment(str(PUBLISHED))
    return {
        "prior": (prior, experiment),
        "constructed": (constructed, experiment),
        "nac.yaml": (published.need("arch"), published),
    }


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
