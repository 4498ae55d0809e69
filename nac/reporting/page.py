"""A run as one HTML page that needs nothing else: no network, no script. Needs jinja2, matplotlib.

The template is ``templates/report.html``; this module gives values to the names in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nac.architecture.json_form import architecture_to_json
from nac.architecture.network import Architecture
from nac.comparison.result import (
    ComparisonResult,
    NetworkResult,
    RivalEntry,
    read_comparisons,
)
from nac.config.rankings import RANKINGS
from nac.construction.decisions import SkipDecision
from nac.reporting import commands, page_figures
from nac.reporting.facts import UNKNOWN, compact, headline, job_rows, missing_parts, total_energy
from nac.reporting.glance import cards
from nac.reporting.quality import MOST_ROWS, files, quality
from nac.runs.layout import EXPERIMENT, FINAL, MODEL, PREDICTIONS
from nac.runs.saved_run import Run
from nac.runs.tournament import Choice
from nac.utils.files import read_text
from nac.utils.text import file_size, mebibytes

SECTIONS = (
    ("glance", "At a glance"),
    ("quality", "Quality"),
    ("size", "Size and speed"),
    ("asked", "Settings"),
    ("network", "Network"),
    ("iterations", "Iterations"),
    ("curves", "Curves"),
    ("gates", "Gates"),
    ("cost", "Cost"),
    ("comparison", "Comparison"),
    ("use", "Use it"),
    ("repeat", "Repeat it"),
)


def render_report(run: Run) -> str:
    """Return the page of a run; the same run gives the same text."""
    return _environment().get_template("report.html").render(_context(run)).strip() + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nac.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=_number, compact=_compact, gates=_gates)
    environment.filters.update(joules=_joules, memory=_memory, file_size=file_size)
    environment.filters.update(breakable=_breakable, zip=zip)
    environment.filters.update(accuracy_of=_accuracy_of, reasons=_reasons)
    return environment


def _context(run: Run) -> dict[str, Any]:
    comparisons = read_comparisons(run.directory)
    return {
        "name": run.name,
        "directory": str(run.directory),
        "sections": SECTIONS,
        "css": _style(),
        "facts": headline(run, list(comparisons.values())),
        "missing": missing_parts(run),
        "commands": _commands(run),
        "has_model": (run.directory / MODEL).is_file(),
        **_quality(run),
        **_settings(run),
        **_network(run),
        **_iterations(run),
        **_measured(run),
        "comparisons": _comparisons(run, list(comparisons.values())),
    }


def _style() -> Markup:
    """Return the page's style sheet: a file of this package, so it is not escaped."""
    environment = _environment()
    source, _, _ = environment.loader.get_source(environment, "report.css")
    return Markup(source.strip())


def _quality(run: Run) -> dict[str, Any]:
    """Return the trainings side by side, and what is known of the trained network."""
    return {
        "cards": cards(run),
        "quality": quality(run),
        "most_rows": MOST_ROWS,
        "is_trained": run.final is not None,
        "predictions_file": str(run.directory / FINAL / PREDICTIONS),
        "files": files(run),
        "latency": run.final and run.final.result.latency,
    }


def _settings(run: Run) -> dict[str, Any]:
    experiment = run.experiment
    return {
        "parameters": experiment.parameters,
        "batch": experiment.parameters.global_batch_size,
        "final_recipe": experiment.final and experiment.final.parameters,
        "ranking": run.ranking,
        "policy": run.experiment.need("envelopenet").policy,
        "ranking_about": RANKINGS[run.ranking].about,
        "flags": commands.recorded_flags(run),
        "versions": commands.recorded_versions(run),
        "experiment": read_text(run.directory / EXPERIMENT),
    }


def _network(run: Run) -> dict[str, Any]:
    if run.constructed is None:
        return {"network": None}
    return {
        "network": {
            "notation": str(run.constructed.notation),
            "words": _words(run.constructed),
            "diagram": page_figures.network_diagram(run),
            "gated": run.final is not None,
            "json": architecture_to_json(run.constructed),
        }
    }


def _words(architecture: Architecture) -> str:
    """Return the meaning of a notation."""
    notation = architecture.notation
    layers = " and ".join(map(str, notation.layers))
    return (
        f"{notation.channels} channels into the first stage, stages of {layers} layers,"
        f" {notation.branches} branches in an envelope cell."
    )


def _iterations(run: Run) -> dict[str, Any]:
    following = [iteration.architecture for iteration in run.iterations[1:]] + [run.constructed]
    return {
        "iterations": [
            {
                "number": iteration.name,
                "notation": str(iteration.architecture.notation),
                "following": after and str(after.notation),
                "diagram": page_figures.iteration_diagram(iteration),
                "stages": list(
                    zip(
                        iteration.decisions.stages,
                        map(len, iteration.architecture.stages),
                        strict=True,
                    )
                ),
                "skips": iteration.decisions.skips,
                "ranking": iteration.ranking,
                "tournament": iteration.choice and _tournament(iteration.choice),
            }
            for iteration, after in zip(run.iterations, following, strict=False)
        ]
    }


def _tournament(choice: Choice) -> dict[str, Any]:
    """Return the rungs as a table with a row per network; what went earlier has no later loss."""
    rows = [
        (name, notation, [rung.losses.get(name) for rung in choice.rungs])
        for name, notation in choice.networks.items()
    ]
    titles = [(f"loss, {rung.steps:,} steps", "number") for rung in choice.rungs]
    return {"winner": choice.winner, "titles": titles, "rows": rows}


def _measured(run: Run) -> dict[str, Any]:
    jobs = job_rows(run)
    return {
        "jobs": jobs,
        "energy": total_energy(jobs),
        "gates": page_figures.gate_matrices(run),
        "training": page_figures.training_curves(run),
        "rankings": page_figures.drawn(
            run, "ranking", "Strength of each branch by step, and when the ranking settles"
        ),
        "cost": page_figures.drawn(run, "cost", "Search time and test error"),
    }


def _comparisons(run: Run, results: list[ComparisonResult]) -> list[dict[str, Any]]:
    figures = page_figures.drawn(
        run,
        "comparison",
        "Accuracy of the constructed network and of those it is compared with",
    )
    sizes = page_figures.drawn(run, "sizes", "Accuracy of all networks by parameters and seconds")
    seconds = page_figures.drawn(run, "seconds", "Accuracy by seconds, search included")
    return [
        {
            "result": result,
            "figure": figure,
            "sizes": size,
            "seconds": time,
            "seed_titles": [(f"seed {seed}", "number") for seed in result.seeds],
        }
        for result, figure, size, time in zip(results, figures, sizes, seconds, strict=True)
    ]


def _commands(run: Run) -> dict[str, Any]:
    return {
        "continuing": commands.continuing(run),
        "repeating": commands.repeating(run),
        "repeating_final": commands.repeating_job(run.directory / FINAL),
        "repeating_jobs": "\n".join(commands.repeating_job(job.directory) for job in run.jobs),
        "comparing": commands.command("compare", f"--run={run.directory}"),
        "tensorboard": commands.inspecting(run),
        "describing": commands.describing(run),
        "loading": commands.loading(run),
        "image_scale": commands.image_scale(run.experiment),
        "using": commands.using(run),
    }


def _number(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)


def _accuracy_of(seed: int, entry: NetworkResult | RivalEntry) -> str:
    return _number(entry.accuracies.get(seed), ".4f")


def _reasons(failed: Mapping[int, str]) -> str:
    return "; ".join(f"{seed}: {reason}" for seed, reason in failed.items())


def _breakable(text: str) -> Markup:
    """Return a text that may be broken behind underscores, as in ``fashion_mnist``."""
    return escape(text).replace("_", Markup("_<wbr>"))


def _compact(value: float | None) -> str:
    return UNKNOWN if value is None else compact(value)


def _joules(value: float | None) -> str:
    return "not available" if value is None else f"{value / 1000:,.2f} kJ"


def _memory(value: int | None) -> str:
    return UNKNOWN if value is None else mebibytes(value)


def _gates(skips: Sequence[SkipDecision]) -> str:
    shown = [f"{skip.source or 'stem'}\N{NO-BREAK SPACE}({skip.gate:.3f})" for skip in skips]
    return ", ".join(shown) or UNKNOWN
