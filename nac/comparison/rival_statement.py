"""What a comparison with rivals shows, in sentences."""

from collections.abc import Sequence

from nac.comparison.result import RivalEntry
from nac.comparison.significance import Difference
from nac.comparison.statement import leader


def rival_statement(
    differences: Sequence[Difference], entries: Sequence[RivalEntry], run_seconds: float | None
) -> list[str]:
    """Return what a comparison shows of rivals, in sentences; none without rivals.

    Args:
        differences: The constructed network minus each rival that has a result.
        entries: All rivals.
        run_seconds: Seconds that the run took, None if that is not known.
    """
    if not entries:
        return []
    sentences = []
    if differences:
        closest = min(differences, key=lambda difference: difference.mean)
        best = next(entry.label for entry in entries if entry.name == closest.against)
        if len(differences) > 1:
            best += f", the best of {len(differences)} rivals,"
        sentences.append(f"{_seconds(entries[0].budget, run_seconds)} {leader(closest, best)}.")
        sentences.append(
            "The construction was done once, and only its full training is repeated with each"
            " seed; a rival searches anew with each."
        )
    return sentences + _failures(entries)


def _seconds(budget: float, run_seconds: float | None) -> str:
    if run_seconds is None:
        return f"With {budget:.0f} s for each rival, search included,"
    if abs(budget - run_seconds) < 0.5:
        return f"In equal seconds ({budget:.0f} s, search included)"
    return (
        f"With {budget:.0f} s for each rival, while the run took {run_seconds:.0f} s, search"
        " included,"
    )


def _failures(entries: Sequence[RivalEntry]) -> list[str]:
    failures = [
        f"{entry.label} seed {seed} ({reason})"
        for entry in entries
        for seed, reason in entry.failed.items()
    ]
    return [f"Rivals without a result: {'; '.join(failures)}."] if failures else []
