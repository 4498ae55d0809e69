"""How close the networks of a construction come to a budget: what was asked, and what they cost.

    python -m tools.budgets --config=experiments/fashion_mnist/construct.yaml \\
        --parameters 20000 50000 100000 200000 500000 --flops 2e6 5e6 1e7 2e7 5e7

constructs networks for each budget in turn, with strengths of branches and gates drawn at random in
place of trainings, and prints the smallest and the largest cost of all networks: of the priors, of
those after each iteration and of random ones. Nothing is trained.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from nac.architecture.network import Architecture
from nac.config import Budget, Experiment, load_experiment
from nac.construction.baselines import random_network
from nac.construction.prior import prior
from nac.construction.restructure import restructure
from nac.construction.statistics import Statistics
from nac.construction.width import Limit
from nac.runs.budget import limits_of
from nac.utils.errors import NacError
from nac.utils.tables import table
from tools.parsers import tool_parser


def drawn_statistics(network: Architecture, generator: random.Random) -> Statistics:
    """Return statistics with strengths and gates at random, as if all branches cost the same."""
    return Statistics(
        {branch: generator.random() for branch in network.branches()},
        {connection: generator.random() for connection in network.skip_connections()},
        parameters=dict.fromkeys(network.branches(), 1.0),
    )


def networks(
    experiment: Experiment, limits: tuple[Limit, ...], seed: int
) -> Iterator[Architecture]:
    """Yield the networks of a construction by chance: prior, iterations, and a random one."""
    generator, settings = random.Random(seed), experiment.need("envelopenet")
    network = prior(settings, experiment.need("init_cell"), experiment.classifier, limits)
    yield network
    for _ in range(experiment.need("parameters.iterations")):
        network = restructure(network, drawn_statistics(network, generator), settings, limits)
        yield network
    yield random_network(network, settings, generator, "random", limits)


def row(experiment: Experiment, budget: Budget, constructions: int) -> list[str]:
    """Return a budget, the costs of the cheapest and the dearest network, and the largest gap."""
    (limit,) = limits_of(replace(experiment, budget=budget))
    costs = [
        limit.cost(network)
        for seed in range(constructions)
        for network in networks(experiment, (limit,), seed)
    ]
    gap = 100.0 * (1.0 - min(costs) / limit.most)
    figures = [f"{value:,.0f}" for value in (limit.most, min(costs), max(costs))]
    return [limit.unit, *figures, f"{gap:.2f}%", str(len(costs))]


def main() -> None:
    """Print the table."""
    parser = tool_parser("budgets", __doc__)
    parser.add_argument("--config", required=True, help="experiment file with an envelopenet")
    parser.add_argument("--parameters", type=int, nargs="*", default=[], help="budgets to try")
    parser.add_argument("--flops", type=float, nargs="*", default=[], help="budgets to try")
    parser.add_argument("--constructions", type=int, default=5, help="constructions per budget")
    arguments = parser.parse_args()
    if any(most <= 0 for most in [*arguments.parameters, *arguments.flops]):
        parser.error("expected budgets above 0")
    budgets = [Budget(parameters=most) for most in arguments.parameters]
    budgets += [Budget(flops=most) for most in arguments.flops]
    try:
        experiment = load_experiment(arguments.config)
        rows = [row(experiment, budget, arguments.constructions) for budget in budgets]
    except NacError as error:
        parser.exit(1, f"error: {error}\n")
    print(table(["budget", "asked", "cheapest", "dearest", "largest gap", "networks"], rows))


if __name__ == "__main__":
    main()
