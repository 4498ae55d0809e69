"""The figures of a report as elements of its page. Needs matplotlib."""

from markupsafe import Markup
from matplotlib.figure import Figure

from nac.drawing.architecture_diagram import architecture_figure
from nac.plots.files import NothingToShowError, svg
from nac.plots.history import History, gates_figure, training_figure
from nac.plots.table import FIGURES
from nac.reporting.facts import gates_of
from nac.reporting.inline_svg import inline_svg
from nac.runs.layout import FINAL, TRAIN
from nac.runs.saved_run import Iteration, Job, Run
from nac.tensorboard.events import read_evaluations, read_scalars


def element(figure: Figure, name: str, description: str) -> Markup:
    """Return a figure as an element that the template does not escape."""
    return Markup(inline_svg(svg(figure), name, description))


def drawn(run: Run, kind: str, description: str) -> list[Markup]:
    """Return the figures of a kind in FIGURES, none where the run lacks their data."""
    try:
        drawings = list(FIGURES[kind](run, ()))
    except NothingToShowError:
        return []
    return [
        element(drawing.figure, drawing.name.replace("_", "-"), f"{description} ({drawing.name})")
        for drawing in drawings
    ]


def network_diagram(run: Run) -> Markup:
    """Return the diagram of the constructed network, with its gates if it was trained."""
    gates = gates_of(run.final) if run.final else {}
    figure = architecture_figure(run.constructed, gates=gates or None)
    return element(
        figure, "network", f"Diagram of the constructed network {run.constructed.notation}"
    )


def iteration_diagram(iteration: Iteration) -> Markup:
    """Return the diagram of an iteration's network, with what is pruned after it marked."""
    figure = architecture_figure(
        iteration.architecture,
        metrics=iteration.measured.metrics,
        pruned=iteration.decisions.pruned,
        gates=iteration.measured.gates or None,
        kept_skips=iteration.decisions.kept_skips,
    )
    notation = iteration.architecture.notation
    text = f"Diagram of iteration {iteration.name}, network {notation}, with what is pruned marked"
    return element(figure, f"iteration-{iteration.name}-diagram", text)


def training_curves(run: Run) -> Markup | None:
    """Return accuracy and loss of all jobs that are done, None without event files."""
    histories = [history for history in map(_history, run.jobs) if history.loss]
    if not histories:
        return None
    return element(training_figure(histories), "training", "Accuracy and loss of each job by step")


def _history(job: Job) -> History:
    scalars = read_scalars(job.directory / TRAIN)
    split, evaluated = read_evaluations(job.directory)
    return History(
        job.name if job.name == FINAL else f"iteration {job.name}",
        scalars.get("accuracy", []),
        scalars.get("loss", []),
        split,
        evaluated,
    )


def gate_matrices(run: Run) -> list[tuple[str, Markup]]:
    """Return (title, figure) for each job that has gates."""
    matrices = []
    for iteration in run.iterations:
        name, kept = iteration.name, iteration.decisions.kept_skips
        matrices += _gate_matrix(f"Iteration {name}", f"gates-{name}", iteration, kept)
    if run.final:
        title = "Full training of the constructed network"
        matrices += _gate_matrix(title, "gates-final", run.final)
    return matrices


def _gate_matrix(title: str, name: str, job: Job, kept=None) -> list[tuple[str, Markup]]:
    gates = gates_of(job)
    if not gates:
        return []
    return [(title, element(gates_figure(gates, kept), name, f"Gates, {title}"))]
