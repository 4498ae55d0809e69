"""The result of a comparison for machines: ``comparison.json`` and ``comparison.csv``."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nac.comparison.significance import difference, rank
from nac.comparison.statement import statement
from nac.utils.statistics import deviation, mean

Results = Mapping[str, Mapping[int, Mapping[str, Any]]]
"""Network -> seed -> statistics of its training."""

CONSTRUCTED, RANDOM = "constructed", "random"
SINGLE = ("prior", "worst_case", "reference")
"""Kinds of which there is one network."""

COLUMNS = ("network", "kind", "seed", "accuracy", "loss", "parameters", "flops", "seconds")


def network_entry(
    name: str, kind: str, notation: str | None, by_seed: Mapping[int, Any], seeds: Sequence[int]
) -> dict[str, Any]:
    """Return a network's entry of ``comparison.json``.

    Args:
        name: of the network.
        kind: what it is.
        notation: None if it is not known yet.
        by_seed: seed -> statistics of the trainings that are done.
        seeds: that were asked for; those without statistics have failed.
    """
    done = list(by_seed.values())
    accuracies = [result["accuracy"] for result in done]
    first = done[0] if done else {}
    return {
        "name": name,
        "kind": kind,
        "notation": first.get("notation", notation),
        "parameters": first.get("parameters"),
        "flops": first.get("flops"),
        "accuracies": {str(seed): result["accuracy"] for seed, result in by_seed.items()},
        "mean": mean(accuracies),
        "deviation": deviation(accuracies),
        "seconds": mean([result["seconds"] for result in done]),
        "images": first.get("scored_images"),
        "failed": [seed for seed in seeds if seed not in by_seed],
    }


def conclusions(networks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rank, differences and statement of ``comparison.json``.

    Args:
        networks: entries as of :func:`network_entry`.
    """
    differences = _differences(networks)
    return {
        "rank": _rank(networks),
        "differences": differences,
        "statement": statement(differences, networks),
    }


def of_kind(networks: Iterable[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    """Return the networks of a kind that have a result."""
    return [entry for entry in networks if entry["kind"] == kind and entry["accuracies"]]


def _rank(networks: Sequence[Mapping[str, Any]]) -> dict[str, int] | None:
    one, others = of_kind(networks, CONSTRUCTED), of_kind(networks, RANDOM)
    if not one or not others:
        return None
    place = rank(one[0]["mean"], [entry["mean"] for entry in others])
    return {"rank": place, "of": 1 + len(others), "random": len(others)}


def _differences(networks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for kind in (RANDOM, *SINGLE):
        one, others = of_kind(networks, CONSTRUCTED), of_kind(networks, kind)
        accuracies = [entry["accuracies"] for entry in others]
        result = difference(one[0]["accuracies"], accuracies) if one and others else None
        if result:
            found.append({"against": kind, **asdict(result)})
    return found


def as_csv(networks: Sequence[Mapping[str, Any]], results: Results) -> str:
    """Return a row per network and seed that has a result.

    Args:
        networks: entries as of :func:`network_entry`.
        results: the statistics.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in networks:
        for seed, statistics in results[entry["name"]].items():
            values = [statistics.get(key) for key in COLUMNS[3:]]
            writer.writerow([entry["name"], entry["kind"], seed, *values])
    return text.getvalue()
