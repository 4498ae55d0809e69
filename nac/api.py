"""The public functions, which ``nac`` imports when they are first used.

They do what the commands do: ``nac.construct`` is :func:`run_construction` with flags.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nac import config
from nac.authoring.own_images import Authored, Wishes, author_run, name_of
from nac.cli.machine_flags import job_arguments
from nac.cli.plugins import import_plugins, plugin_arguments
from nac.cluster.machines import LOCAL, Machines, opened_executor
from nac.config.policies import POLICIES
from nac.config.rankings import RANKINGS, Ranking
from nac.config.splits import TEST
from nac.construction.width import Limit
from nac.display.choice import fitting_display
from nac.display.display import Display
from nac.display.job_events import Note
from nac.display.run_events import Line
from nac.reporting.opened_run import OpenedRun
from nac.reporting.process import write_report
from nac.runs.block_times import keep_run_times, run_times
from nac.runs.budget import check_budget, limits_of
from nac.runs.construction import check_construction, construct
from nac.runs.data_checks import check_data
from nac.runs.data_watch import DataWatch
from nac.runs.layout import INIT, is_complete
from nac.runs.memory_saving import MemorySaving, saving_of
from nac.runs.run_directory import check_present, open_run
from nac.runs.settings import (
    checked_budget,
    checked_seed,
    with_budget,
    with_ranking,
    with_seed,
    with_split,
    with_time_plan,
)
from nac.runs.versions import check_versions
from nac.utils.errors import InputError
from nac.utils.files import write_atomically
from nac.utils.processes import locked, quietly
from nac.utils.schema import check_name, shown, whole_number

if TYPE_CHECKING:
    import keras

    from nac.construction.policies import Policy
    from nac.data.datasets import DatasetFacts
    from nac.exporting.formats import Format

PathLike = str | os.PathLike[str]


def load_experiment(path: PathLike) -> config.Experiment:
    """Read an experiment file.

    Args:
        path: YAML, or AMLA's JSON if the name ends in ``.json``; docs/experiment.md lists the keys.

    Raises:
        InputError: The file cannot be read, or one of its keys or values is wrong.

    Example:
    >>> import nac
    >>> nac.load_experiment("experiments/digits/construct.yaml").parameters.dataset
    'digits'
    """
    return config.load_experiment(str(path))


def run_construction(
    experiment: config.Experiment | PathLike | None = None,
    workdir: PathLike = "runs",
    name: str | None = None,
    train_final: bool = True,
    seed: int | None = None,
    *,
    images: PathLike | None = None,
    search_only: bool = False,
    ranking: str | None = None,
    max_parameters: int | None = None,
    max_flops: float | None = None,
    max_step_ms: float | None = None,
    minutes: float | None = None,
    split: str = TEST,
    parallel: int | None = None,
    executor: str = LOCAL,
    ray_address: str | None = None,
    cores_per_job: int | None = None,
    report: bool = False,
    allow_other_versions: bool = False,
    plugins: Sequence[str] | None = (),
    quiet: bool = False,
    display: Display | None = None,
    **settings: Any,
) -> OpenedRun:
    """Construct a network from data, as ``nac construct`` does.

    Each training is a process of its own. A call that was interrupted goes on where it stopped when
    it is repeated with the same arguments.

    Args:
        experiment: An experiment, or the path of its file; or none, but ``images``.
        workdir: Directory of run directories.
        name: Name of the run directory, by default the experiment's ``parameters.arch_name`` or the
            name of the folder of images.
        train_final: Whether the constructed network is trained by ``final_training``.
        seed: Replaces ``parameters.seed``.
        images: A folder of images, one folder per class, in place of an experiment. The experiment
            that is chosen for it is written to ``init.yaml`` in the run directory.
        search_only: Whether to end before the full training, which the same call without this
            argument does later. The minutes are planned for both.
        ranking: Replaces ``envelopenet.ranking``.
        max_parameters: Replaces ``budget.parameters``: all networks are made so wide that they have
            this many parameters, or slightly fewer.
        max_flops: Replaces ``budget.flops``, floating-point operations per image.
        max_step_ms: Replaces ``budget.step_ms``, estimated milliseconds of a training step.
        minutes: Replaces ``budget.minutes``: the whole call takes this long.
        split: Images that score the full training, "test", or "validation" for those that the
            iterations held out.
        parallel: Networks that are trained at a time where several of them are to be compared
            (policy ``tournament``); by default one per GPU, or one without GPUs; with Ray as many
            as the cluster has room for.
        executor: Where the trainings run: "local", on this machine, or "ray", on the machines of a
            Ray cluster.
        ray_address: HOST:PORT of the head of that cluster, or "local" for a Ray that is started for
            the call; by default ``RAY_ADDRESS``, else "local".
        cores_per_job: With Ray, cores of each training, by default a GPU for each.
        report: Whether ``report.html`` is written at the end.
        allow_other_versions: Whether a run goes on with another version of TensorFlow, Keras or nac
            than it was begun with, so that its results may be others.
        plugins: Modules that register what the experiment names; jobs import them too.
        quiet: Whether nothing is printed.
        display: Shows progress, see :class:`nac.display.display.Display`; by default what fits: a
            status that is updated on a terminal and in a notebook, otherwise plain lines.
        **settings: How jobs run, by the names of the flags of ``nac construct``, such as
            ``strategy="one"`` or ``data_dir="/data"``.

    Raises:
        InputError: The experiment or an argument is wrong.
        NacError: A job failed, or the directory holds a run with other settings.

    Example:
    >>> import nac
    >>> run = nac.run_construction(
    ...     "experiments/digits/construct.yaml", strategy="one"
    ... )  # doctest: +SKIP
    >>> run.results["final"].accuracy  # doctest: +SKIP
    0.98
    """
    display = display or fitting_display(quiet)
    if name is not None:
        check_name(name, "--name")
    if parallel is not None:
        parallel = whole_number(parallel, "--parallel", minimum=1)
    plugins = _modules(plugins)
    import_plugins(plugins)
    seed = checked_seed(seed)
    budget = checked_budget(
        {
            "max_parameters": max_parameters,
            "max_flops": max_flops,
            "max_step_ms": max_step_ms,
            "minutes": minutes,
        }
    )
    arguments, strategy = job_arguments(settings, plugins), settings.get("strategy")
    machines = Machines(executor, ray_address, cores_per_job)
    authored = _authored(experiment, images, Path(workdir), name, budget, display)
    experiment = authored.experiment if authored else experiment
    experiment = _complete(experiment, seed, ranking, budget, train_final, display)
    directory = Path(workdir) / (experiment.parameters.arch_name if name is None else name)
    experiment = with_split(experiment, split)
    flags = {"images": images} if authored else {"config": experiment.source}
    flags |= {"workdir": workdir, "name": name, "seed": seed, "ranking": ranking, **budget}
    flags |= {"train_final": train_final, "split": split}
    given = [f"--{flag}={value}" for flag, value in flags.items() if value is not None]
    with display, ExitStack() as stack:
        opened = stack.enter_context(opened_executor(machines, strategy, display))
        if opened is None:
            return OpenedRun(directory)
        saving = saving_of(arguments)
        limits = _limits(experiment, directory, settings.get("data_dir"), saving, display)
        stack.enter_context(locked(directory, "run"))
        begins = open_run(directory, experiment, [*given, *arguments])
        watch = DataWatch(experiment, directory, settings.get("data_dir"))
        if not is_complete(directory, train_final and not search_only):
            _check_unchanged(directory, watch, begins, allow_other_versions, display)
        _keep(directory, experiment, authored)
        display.show(Line(f"run directory: {directory}"))
        writer = partial(write_report, directory, plugin_arguments(plugins)) if report else None

        def check() -> None:
            check_present(directory)
            watch.check()

        slots = opened.slots(parallel)
        run = (experiment, directory, train_final, arguments, limits, slots, search_only)
        construct(*run, display, writer, check, opened)
    return OpenedRun(directory)


def _modules(plugins: Any) -> Sequence[str]:
    """Return the names of plugins, of which there are none by default."""
    if plugins is None:
        return ()
    if not isinstance(plugins, list | tuple) or not all(isinstance(name, str) for name in plugins):
        raise InputError(f"--plugin: expected a list of module names, received {shown(plugins)}")
    return plugins


def _limits(
    experiment: config.Experiment,
    directory: Path,
    data_dir: str | None,
    saving: MemorySaving,
    display: Display,
) -> Sequence[Limit]:
    """Return what each network of a run may cost, after all checks that need no job."""
    times = run_times(directory, lambda text: display.show(Note(text)))
    limits = limits_of(experiment, data_dir, times)
    check_budget(experiment, limits)
    check_data(experiment, limits, data_dir, saving)
    for key in experiment.unused:
        display.show(Note(f"note: {experiment.source}: {key} has no effect here"))
    return limits


def _check_unchanged(
    directory: Path, watch: DataWatch, begins: bool, allow_other_versions: bool, display: Display
) -> None:
    """Compare versions and images with those with which a run began, or keep them if it begins."""
    note = None if begins else check_versions(directory, allow_other_versions)
    if note:
        display.show(Note(note))
    watch.check(begins)


def _keep(directory: Path, experiment: config.Experiment, authored: Authored | None) -> None:
    """Write into a run directory by what the run can be repeated elsewhere."""
    if authored and authored.text:
        write_atomically(directory / INIT, authored.text)
    if experiment.budget and experiment.budget.step_ms:
        keep_run_times(directory, experiment.need("child_training").dtype_policy)


def _authored(
    experiment: config.Experiment | PathLike | None,
    images: PathLike | None,
    workdir: Path,
    name: str | None,
    budget: Mapping[str, Any],
    display: Display,
) -> Authored | None:
    """Return the experiment for a folder of images, None if an experiment is given."""
    if (experiment is None) == (images is None):
        raise InputError("expected either an experiment (--config) or a folder (--images)")
    if images is None:
        return None
    folder = Path(images)
    wishes = Wishes(budget["minutes"], budget["max_parameters"])
    authored = author_run(folder, workdir / (name or name_of(folder)), wishes)
    for line in authored.lines:
        display.show(Note(line))
    return authored


def _complete(
    experiment: config.Experiment | PathLike | None,
    seed: int | None,
    ranking: str | None,
    budget: Mapping[str, float | None],
    train_final: bool,
    display: Display,
) -> config.Experiment:
    """Return an experiment with what the arguments change, and everything that it needs."""
    if not isinstance(experiment, config.Experiment):
        experiment = load_experiment(experiment or "")
    experiment = with_ranking(with_seed(experiment, seed), ranking)
    experiment = with_budget(experiment, budget)
    check_construction(experiment, train_final)
    _check_optimizers(experiment)
    return with_time_plan(experiment, train_final, display)


def _check_optimizers(experiment: config.Experiment) -> None:
    """Ask Keras about the optimizers that are its own; only for these it is imported here."""
    recipes = [experiment.recipe, *([experiment.final] if experiment.final else [])]
    for training in (recipe.training for recipe in recipes):
        if training and isinstance(training.optimizer, config.KerasOptimizer):
            with quietly():
                from nac.training.optimizers import check_optimizer  # takes seconds

                check_optimizer(training, experiment.source)


def load_run(path: PathLike) -> OpenedRun:
    """Open a run directory of ``nac construct`` or :func:`run_construction`, finished or not.

    Raises:
        InputError: It is not a run directory, or a file in it is damaged.

    Example:
    >>> import nac
    >>> nac.load_run("runs/digits").architecture.notation  # doctest: +SKIP
    """
    run = OpenedRun(Path(path))
    run.saved  # noqa: B018  # reads it, so that errors come now
    return run


def load_model(path: PathLike) -> "keras.Model":
    """Read a trained network, which maps images to logits, from a ``.keras`` file.

    Raises:
        InputError: The file does not exist, or does not hold such a network.

    Example:
    >>> import nac
    >>> model = nac.load_model("runs/digits/model.keras")  # doctest: +SKIP
    """
    from nac.models.loading import load_network  # takes seconds

    return load_network(path)


def register_ranking(name: str, ranking: Ranking) -> None:
    """Add a way to rank branches, which ``envelopenet.ranking`` and ``--ranking`` then select.

    Example:
    >>> import nac
    >>> from nac.config.rankings import Ranking
    >>> nac.register_ranking(
    ...     "by_parameters",
    ...     Ranking("mean square per parameter", lambda e: e["mean_square"] / e["parameters"]),
    ... )
    """
    RANKINGS.register(name, ranking)


def register_policy(name: str, policy: "type[Policy]") -> None:
    """Add a pruning policy, which ``envelopenet.policy`` then selects.

    Example:
    >>> import nac
    >>> from nac.construction.policies import WeakestFirst
    >>> class OneAtATime(WeakestFirst):
    ...     def choose(self, ranked, limit):
    ...         return super().choose(ranked, limit=1)
    >>> nac.register_policy("one_at_a_time", OneAtATime)
    """
    POLICIES.register(name, policy)


def register_branch_type(name: str, make: Callable[..., Any]) -> None:
    """Add a type of branch: ``name`` after a kernel size, such as ``3x3dilated``.

    Args:
        name: Lowercase letters.
        make: Called as ``make(size, filters, dtype)``; returns a Keras layer of stride 1 that keeps
            height and width.

    Example:
    >>> import nac
    >>> def dilated(size, filters, dtype):
    ...     import keras
    ...     return keras.layers.Conv2D(
    ...         filters, size, padding="same", dilation_rate=2, use_bias=False, dtype=dtype
    ...     )
    >>> nac.register_branch_type("dilated", dilated)
    """
    from nac.architecture.branch_types import BRANCH_TYPES

    BRANCH_TYPES.register(name, make)


def register_dataset(name: str, facts: "DatasetFacts") -> None:
    """Add a data set, which ``parameters.dataset`` then names.

    Example:
    >>> import nac
    >>> import numpy as np
    >>> from nac.data.datasets import DatasetFacts
    >>> from nac.data.images import Images
    >>> def load_noise(request):
    ...     images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), np.uint8)
    ...     labels = np.arange(40, dtype=np.int32) % 10
    ...     return Images(images[:30], labels[:30], images[30:], labels[30:], classes=10)
    >>> nac.register_dataset("noise", DatasetFacts(load_noise, (8, 8, 1), 10))
    """
    from nac.data.datasets import DATASETS

    DATASETS.register(name, facts)


def register_figure(name: str, draw: Callable[..., Any]) -> None:
    """Add a kind of figure, which ``nac figures --figure`` then draws.

    Args:
        name: Its name.
        draw: Called with a run and a list of further runs; yields
            :class:`nac.plots.files.Drawing` objects.

    Example:
    >>> import nac
    >>> def losses(run, others):
    ...     from matplotlib.figure import Figure
    ...     from nac.plots.files import Drawing, Table
    ...     figure = Figure()
    ...     rows = [(job.directory.name, job.result.loss) for job in run.iterations]
    ...     figure.subplots().plot([loss for _, loss in rows])
    ...     yield Drawing("losses", figure, Table(("iteration", "loss"), rows))
    >>> nac.register_figure("losses", losses)
    """
    from nac.plots.table import FIGURES

    FIGURES.register(name, draw)


def register_export_format(name: str, form: "Format") -> None:
    """Add a file format, which ``nac export --format`` then writes.

    Example:
    >>> import nac
    >>> from nac.exporting.formats import Format
    >>> def load(path):
    ...     import keras
    ...     return keras.models.load_model(path).predict
    >>> nac.register_export_format(
    ...     "keras", Format("model.keras", lambda model, path: model.save(path), load)
    ... )
    """
    from nac.exporting.formats import FORMATS

    FORMATS.register(name, form)
