"""What all commands share: start, errors as one line, exit codes."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from absl import app, flags

from nac.utils.errors import NacError
from nac.utils.processes import native_messages_to


def run(main: Callable[[], None], argv: Sequence[str] | None = None) -> None:
    """Parse absl flags and call ``main``; a NacError becomes one line and exit code 1.

    Args:
        main: the command; it reads its flags from ``absl.flags.FLAGS``.
        argv: command line, default ``sys.argv``.
    """

    def guarded(arguments: Sequence[str]) -> None:
        try:
            if len(arguments) > 1:
                raise NacError(f"unexpected argument {arguments[1]!r} (flags begin with --)")
            main()
        except NacError as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(1)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(1)

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow reads it when imported
    app.run(guarded, argv=list(argv) if argv is not None else None)


def require_flags(*names: str) -> None:
    """Raise NacError unless all named flags were given a value."""
    for name in names:
        if not flags.FLAGS[name].value:
            raise NacError(f"--{name} is required (see --help)")


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what libraries print on standard error; show it if the program itself fails."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as messages:
        try:
            with native_messages_to(Path(messages.name)):
                yield
        except NacError:
            raise
        except Exception:
            sys.stderr.write(messages.read())
            raise
