"""SIGTERM as a request to stop."""

import signal
import threading


class StopRequest:
    """Records a SIGTERM within a ``with`` block, so that the loop can save a checkpoint and stop.

    TensorFlow installs a handler of its own that swallows the signal, so enter this one later.

    Attributes:
        requested: Whether the signal came.
    """

    def __init__(self):
        self.requested = False
        self._handles = threading.current_thread() is threading.main_thread()
        self._before = None

    def __enter__(self) -> "StopRequest":
        if self._handles:
            self._before = signal.signal(signal.SIGTERM, self._note)
        return self

    def __exit__(self, *_) -> None:
        if self._handles:
            signal.signal(signal.SIGTERM, self._before or signal.SIG_DFL)

    def _note(self, *_) -> None:
        self.requested = True
