"""From the results of all trainings to the result of a comparison."""

from collections.abc import Mapping, Sequence

from nac.comparison.jobs import Comparison
from nac.comparison.networks import CONSTRUCTED, KINDS, RANDOM, Network
from nac.comparison.result import ComparisonResult, NetworkResult, Rank, of_kind
from nac.comparison.significance import Difference, difference, rank
from nac.comparison.statement import statement
from nac.runs.result import JobResult
from nac.utils.statistics import deviation, mean

Results = Mapping[str, Mapping[int, JobResult]]
"""Network -> seed -> result of its training."""


def conclude(comparison: Comparison, results: Results) -> ComparisonResult:
    """Return the result of a comparison.

    Args:
        comparison: The comparison.
        results: The trainings that are done; the others have failed.
    """
    networks = tuple(
        network_result(network, results[network.name], comparison.seeds)
        for network in comparison.networks
    )
    differences = differences_of(networks)
    choice, parameters = comparison.choice, comparison.experiment.final.parameters
    equal = choice.equal if choice.baselines else None
    devices = {job.device for by_seed in results.values() for job in by_seed.values()}
    return ComparisonResult(
        run=comparison.run.resolve().name,
        dataset=parameters.dataset,
        split=comparison.split,
        seeds=comparison.seeds,
        random=choice.random,
        random_skips=choice.skips,
        baseline_seed=choice.baseline_seed,
        steps=parameters.steps,
        batch_size=parameters.batch_size,
        device=", ".join(sorted(devices)) or None,
        networks=networks,
        rank=rank_of(networks),
        differences=differences,
        statement=statement(differences, networks, equal),
        equal=equal,
    )


def network_result(
    network: Network, by_seed: Mapping[int, JobResult], seeds: Sequence[int]
) -> NetworkResult:
    """Return what came of the trainings of one network.

    Args:
        network: The network.
        by_seed: Seed -> result of each training that is done.
        seeds: All seeds of the comparison; a training without a result has failed.
    """
    results = list(by_seed.values())
    first = results[0] if results else None
    notation = str(network.architecture.notation) if network.architecture else None
    accuracies = [result.accuracy for result in results]
    speeds = [result.images_per_second for result in results if result.images_per_second]
    return NetworkResult(
        name=network.name,
        kind=network.kind,
        notation=first.notation if first else notation,
        parameters=first.parameters if first else None,
        flops=first.flops if first else None,
        accuracies={seed: result.accuracy for seed, result in by_seed.items()},
        mean=mean(accuracies),
        deviation=deviation(accuracies),
        seconds=mean([result.seconds for result in results]),
        failed=tuple(seed for seed in seeds if seed not in by_seed),
        images=first.scored_images if first else None,
        images_per_second=mean(speeds),
    )


def rank_of(networks: Sequence[NetworkResult]) -> Rank | None:
    """Return the rank of the constructed network among the random ones, None if one is missing."""
    constructed, others = of_kind(networks, CONSTRUCTED), of_kind(networks, RANDOM)
    if not constructed or not others:
        return None
    position = rank(constructed[0].mean, [network.mean for network in others])
    return Rank(position, of=1 + len(others), random=len(others))


def differences_of(networks: Sequence[NetworkResult]) -> tuple[Difference, ...]:
    """Return the accuracy of the constructed network minus that of each kind, random ones first."""
    constructed = of_kind(networks, CONSTRUCTED)
    if not constructed:
        return ()
    kinds = [RANDOM, *(kind for kind in KINDS if kind not in (CONSTRUCTED, RANDOM))]
    others = {kind: [network.accuracies for network in of_kind(networks, kind)] for kind in kinds}
    one = constructed[0].accuracies
    differences = (difference(kind, one, accuracies) for kind, accuracies in others.items())
    return tuple(each for each in differences if each)
