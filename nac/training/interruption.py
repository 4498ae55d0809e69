"""SIGTERM as a request to stop."""

import signal
import threading


class StopRequest:
    """Notes SIGTERM within a ``with`` block, so the loop can save a checkpoint and leave.

    TensorFlow installs a handler of its own that swallows the signal; enter this one later.
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
