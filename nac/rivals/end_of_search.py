"""What ends a search of Keras Tuner, and of what is built on it, in time."""

import time
from typing import Any, Self

import keras
import keras_tuner


class EndOfSearch(keras.callbacks.Callback):
    """Ends a search when its time is over.

    The candidate that is being trained then stops, and no other one follows. If it has not finished
    an epoch, it is not scored, unless there is no other one: its score might take long.

    Args:
        oracle: The oracle that hands out the candidates.
        end: When the search must end, on the clock of ``time.monotonic``.
    """

    def __init__(self, oracle: keras_tuner.Oracle, end: float):
        super().__init__()
        self._oracle, self._end, self._epochs = oracle, end, 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the same object: tuners copy callbacks, but there is one oracle and one clock."""
        return self

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: D102
        self._epochs = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: D102
        self._epochs += 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: D102
        if time.monotonic() < self._end:
            return
        if not self._epochs and scored(self._oracle):
            raise keras_tuner.errors.FatalError("the time of the search is over")
        self._oracle.max_trials = len(self._oracle.trials)
        self.model.stop_training = True


def scored(oracle: keras_tuner.Oracle) -> int:
    """Return the number of candidates that have a score.

    One that Hyperband trains further is the same candidate.
    """
    trials = [trial for trial in oracle.trials.values() if trial.score is not None]
    return sum("tuner/trial_id" not in trial.hyperparameters.values for trial in trials)
