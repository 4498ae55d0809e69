"""The iterations of a construction: in each a truncated training and what follows from it."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nac.architecture.network import Architecture
from nac.config import EnvelopeNet, Experiment
from nac.config.inheritance import Inheritance
from nac.config.splits import search_recipe
from nac.construction.prior import prior
from nac.construction.restructure import apply
from nac.construction.width import Limit
from nac.display.display import Display
from nac.display.run_events import Stage
from nac.runs.budget import stated
from nac.runs.inheritance import SAVE_WEIGHTS, inheritance_of, inheriting, remove_weights
from nac.runs.jobs import JobRunner
from nac.runs.layout import is_done, iteration_directory
from nac.runs.repetition import with_steps_taken
from nac.runs.restructuring import Earlier, Step, next_step, proposals_after, truncated_job
from nac.runs.result import JobResult
from nac.runs.stages import iteration_stage
from nac.runs.timing import after, late
from nac.runs.tournament import choose

NO_MODEL = "--nosave_model"
"""Flag of jobs whose trained network is not needed."""


@dataclass
class Iterations:
    """The iterations of a run, each of which makes the network of the next one.

    Attributes:
        experiment: The experiment of the run.
        directory: The run directory.
        limits: What each network may cost.
        arguments: Flags of the jobs.
        train_final: Whether a full training follows, which makes up for lost time.
        display: Shows what is going on.
        check: Raises NacError if the run directory or the images are not what they were; called
            before each training.
        done: Network and result of each iteration so far.
        steps: What followed from each of them.
    """

    experiment: Experiment
    directory: Path
    limits: Sequence[Limit]
    arguments: list[str]
    train_final: bool
    display: Display = field(default_factory=Display)
    check: Callable[[], None] = lambda: None
    done: list[Earlier] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of iterations."""
        number: int = self.experiment.need("parameters.iterations")
        return number

    @property
    def settings(self) -> EnvelopeNet:
        """The ``envelopenet`` section."""
        settings: EnvelopeNet = self.experiment.need("envelopenet")
        return settings

    @property
    def flags(self) -> list[str]:
        """Flags of the truncated trainings."""
        saving = [SAVE_WEIGHTS] if self.settings.inherit else []
        return [*self.arguments, NO_MODEL, *saving]

    def upcoming(self) -> deque[Sequence[str]]:
        """Return the flags of each truncated training that is not done yet."""
        places = (iteration_directory(self.directory, number) for number in range(self.count))
        return deque(self.flags for place in places if not is_done(place))

    def run(self, runner: JobRunner, beside: Sequence[JobRunner]) -> Architecture:
        """Return the constructed network.

        Args:
            runner: Runs the truncated trainings.
            beside: Run the trainings of a tournament, side by side.

        Raises:
            NacError: A job failed, or its result is unusable.
        """
        stem, classifier = self.experiment.need("init_cell"), self.experiment.classifier
        network = prior(self.settings, stem, classifier, self.limits)
        for number in range(self.count):
            title = f"iteration {number} of {self.count}"
            self.display.show(Stage(iteration_stage(number), title, stated(network, self.limits)))
            network = self._iterate(number, network, runner, beside)
        return network

    def _iterate(
        self, number: int, network: Architecture, runner: JobRunner, beside: Sequence[JobRunner]
    ) -> Architecture:
        place = iteration_directory(self.directory, number)
        result = self._train(number, network, place, runner)
        self._choose(network, result, place, beside)
        step = next_step(place, network, result, self.settings, self.limits, self.done)
        self.done.append((network, result))
        self.steps.append(step)
        return step.network

    def _train(
        self, number: int, network: Architecture, place: Path, runner: JobRunner
    ) -> JobResult:
        ends = number == self.count - 1 and not self.train_final
        lost = late(self.experiment, self.directory, number) if ends else 0.0
        results = [result for _, result in self.done]
        recipe = after(search_recipe(self.experiment), results, lost)
        inherited = self._inherited(number)
        job = inheriting(truncated_job(self.experiment, network, recipe), place, inherited)
        self.check()
        result = runner.run(job, place, self.flags)
        remove_weights(place, inherited, self.arguments)
        return result

    def _inherited(self, number: int) -> Inheritance | None:
        """Return what the job of an iteration starts from, None for fresh weights."""
        if not self.settings.inherit or not self.done:
            return None
        before = iteration_directory(self.directory, number - 1)
        return inheritance_of(before, self.done[-1][0], self.steps[-1].decisions)

    def _choose(
        self,
        network: Architecture,
        result: JobResult,
        place: Path,
        runners: Sequence[JobRunner],
    ) -> None:
        """Let trainings choose, if the policy has several proposals for what follows."""
        proposals = proposals_after(place, network, result, self.settings, self.done)
        if len(proposals) == 1:
            return
        children = {
            name: apply(network, decisions, self.settings, self.limits)
            for name, decisions in proposals.items()
        }
        search = search_recipe(self.experiment)
        recipe = with_steps_taken(search, place, "an iteration that is done")
        choose(self.experiment, children, recipe, place, runners, self.flags, self.display)
