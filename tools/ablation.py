"""What each piece of a recipe is worth: trains one network with variants of its experiment file.

    python -m tools.ablation --config=experiments/fashion_mnist/ablation.yaml --seeds=5

trains the network of the file with each of its variants and each seed, and prints a table: mean
accuracy, its deviation over the seeds, the difference from the first variant, seconds. Results are
kept in --workdir, so the same command continues after an interruption, and more seeds add jobs.

The file is an experiment file with an ``arch``. The variants are those of --variants: the name of a
variant -> the sections that it changes, key by key. A key that is null is taken out.
"""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nac.config import Experiment, parse_experiment, training_job
from nac.runs.iterations import NO_MODEL
from nac.runs.jobs import JobRunner
from nac.runs.layout import is_done
from nac.runs.result import JobResult
from nac.utils.errors import InputError, NacError
from nac.utils.files import read_structured
from nac.utils.statistics import deviation, mean
from tools.parsers import tool_parser

VARIANTS = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Variant:
    """A variant of an experiment.

    Attributes:
        name: Its name, which is also that of its directory.
        experiment: The whole experiment.
    """

    name: str
    experiment: Experiment

    def job(self, seed: int) -> Experiment:
        """Return its training with a seed."""
        recipe = self.experiment.recipe
        recipe = replace(recipe, parameters=replace(recipe.parameters, seed=seed))
        return training_job(self.experiment, self.experiment.need("arch"), recipe)


def changed(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the content of an experiment file with some keys changed.

    Example:
    >>> changed({"parameters": {"steps": 5, "seed": 1}}, {"parameters": {"seed": None, "steps": 6}})
    {'parameters': {'steps': 6}}
    """
    result = dict(content)
    for section, value in changes.items():
        if isinstance(value, dict):
            merged = {**result.get(section, {}), **value}
            value = {key: entry for key, entry in merged.items() if entry is not None}
        result[section] = value
    return result


def variants_of(experiment: str, variants: str) -> list[Variant]:
    """Return the variants of an experiment, in the order of their file.

    Args:
        experiment: Path of the experiment file.
        variants: Path of the file with the changes.
    """
    content = read_structured(experiment)
    return [
        Variant(name, parse_experiment(changed(content, changes or {}), f"{variants}: {name}"))
        for name, changes in read_structured(variants).items()
    ]


def chosen(variants: list[Variant], only: list[str] | None) -> list[Variant]:
    """Return the first variant, with which others are compared, and those of some names.

    Args:
        variants: All variants.
        only: Their names; None or none at all means all of them.

    Raises:
        InputError: There is no variant of a name.
    """
    names = [variant.name for variant in variants]
    for name in only or ():
        if name not in names:
            raise InputError(f"--only: expected some of {', '.join(names)}, received {name!r}")
    return variants[:1] + [each for each in variants[1:] if not only or each.name in only]


def train(variants: list[Variant], seeds: int, workdir: Path) -> dict[str, list[JobResult]]:
    """Return name of a variant -> results of its trainings, by seed; train what is not done."""
    places = [
        (variant, seed, workdir / variant.name / f"seed{seed}")
        for seed in range(seeds)
        for variant in variants
    ]
    left = deque([[NO_MODEL]] * sum(not is_done(directory) for _, _, directory in places))
    results: dict[str, list[JobResult]] = {variant.name: [] for variant in variants}
    with JobRunner(left, workdir / "decoded") as runner:
        for variant, seed, directory in places:
            result = runner.run(variant.job(seed), directory, [NO_MODEL])
            results[variant.name].append(result)
            print(f"{variant.name}, seed {seed}: {result.accuracy:.4f}", flush=True)
    return results


def table(results: dict[str, list[JobResult]]) -> str:
    """Return a table in Markdown with a row for each variant."""
    lines = ["| variant | accuracy | deviation | difference | seconds |", "| --- " * 5 + "|"]
    first = mean([result.accuracy for result in next(iter(results.values()))])
    for name, trainings in results.items():
        accuracies = [result.accuracy for result in trainings]
        average, spread = mean(accuracies), deviation(accuracies)
        seconds = mean([result.seconds for result in trainings])
        lines.append(
            f"| {name} | {average:.4f} | {'' if spread is None else f'{spread:.4f}'} |"
            f" {average - first:+.4f} | {seconds:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train and print the table."""
    parser = tool_parser("ablation", __doc__)
    parser.add_argument("--config", required=True, help="experiment file with an arch")
    parser.add_argument("--variants", default=str(VARIANTS), help="file of variants")
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each variant")
    parser.add_argument("--workdir", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--only", nargs="*", help="variants beside the first one; default: all")
    arguments = parser.parse_args()
    try:
        variants = chosen(variants_of(arguments.config, arguments.variants), arguments.only)
        print("\n" + table(train(variants, arguments.seeds, arguments.workdir)))
    except NacError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
