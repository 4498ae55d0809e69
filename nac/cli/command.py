"""Makes a program of a function and its flags: parsing, help, plugins, errors as one line.

Flags belong to a command and not to the process, so that all commands can be imported beside each
other. absl's ``app.run`` parses the flags of the process; what else it does is done here.
"""

import faulthandler
import io
import math
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise

from absl import flags

from nac.cli.help import HELP_FLAGS, help_text
from nac.cli.plugins import define_common_flags, import_plugins
from nac.utils import limits
from nac.utils.errors import InputError, NacError, system_refusals
from nac.utils.processes import check_platform, quietly
from nac.utils.schema import nearest, shown
from nac.utils.signals import exit_code, interruptions, signal_of

TENSORFLOW_SETTINGS = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # On CPUs of x86 without instructions for neural networks this is off by default, although
    # convolutions are much faster with it.
    "TF_ENABLE_ONEDNN_OPTS": "1",
    # Otherwise a command takes the whole memory of a GPU, also beside a training.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
"""Environment variables that TensorFlow reads when it is imported, unless they are set."""


def command(
    main: Callable[..., None],
    flag_values: flags.FlagValues,
    description: str | None,
    takes: str = "",
) -> Callable[..., None]:
    """Return the entry point of a command.

    Args:
        main: The command's work; it reads its flags from ``flag_values``.
        flag_values: The command's own flags; those of all commands are added.
        description: Docstring of the command, shown by ``--help``.
        takes: What the command takes beside flags, such as ``FILE ...``. ``main`` gets it as
            arguments; flags may follow it. Empty for nothing.

    Returns:
        A function of the arguments without the program's name, by default those of the process. A
        NacError becomes one line and exit code 1; SIGINT ends it with code 130, SIGTERM with 143.
    """
    define_common_flags(flag_values)

    def run(arguments: Sequence[str] | None = None) -> None:
        """Parse the arguments and run the command."""
        arguments = sys.argv[1:] if arguments is None else arguments
        _open_standard_streams()
        with one_line_errors(), interruptions():
            if HELP_FLAGS.intersection(arguments):
                print(help_text(flag_values, description or ""))
                return
            check_platform()
            rest = parse(flag_values, arguments, takes)
            _prepare_process()
            if flag_values.plugin:
                with quietly():  # a plugin may import TensorFlow
                    import_plugins(flag_values.plugin)
            main(*rest)

    return run


def _open_standard_streams() -> None:
    """Open what is closed of the standard streams, as by ``>&-``, for nothing.

    Otherwise the next file that is opened takes its place, and gets what is printed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Print an expected error as one line and exit; leave silently when a pipe's reader is gone.

    Expected are NacError, and OSError: what the system refuses is no fault of the program.

    It leaves silently after a signal, too: :func:`interruptible` has said what there is to say.

    What the terminal or file behind standard output cannot show, such as a byte of a file's name
    that is not UTF-8, is escaped.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with system_refusals():
            yield
            sys.stdout.flush()  # here and not at exit, so that a closed pipe is noticed in time
    except NacError as error:
        _flush_or_discard()
        with suppress(OSError):  # standard error may be on a full disk, too
            print(f"error: {error}", file=sys.stderr, flush=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt as error:
        sys.exit(exit_code(signal_of(error)))


def _flush_or_discard() -> None:
    """Discard what standard output does not take, so that nobody tries again while exiting."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parse(
    flag_values: flags.FlagValues, arguments: Sequence[str], takes: str = ""
) -> Sequence[str]:
    """Set flags from arguments, and return the others; ``--flagfile`` reads flags from a file.

    Args:
        flag_values: The flags.
        arguments: The arguments.
        takes: See :func:`command`.

    Raises:
        InputError: An unknown flag, a value that it does not take, or something else than a flag.
    """
    flag_values.set_gnu_getopt(bool(takes))
    _check_flagfiles(arguments)
    try:
        rest = flag_values(["nac", *arguments])[1:]
    except flags.UnrecognizedFlagError as error:
        hint = nearest(error.flagname, flag_values)
        raise InputError(f"unknown flag --{error.flagname}{hint}; see --help") from None
    except flags.CantOpenFlagFileError as error:
        raise InputError(f"--flagfile: cannot be read: {error.__context__}") from None
    except UnicodeDecodeError:
        raise InputError("--flagfile: expected UTF-8 text, received other bytes") from None
    except (flags.Error, ValueError) as error:
        raise InputError(_reason(flag_values, str(error))) from None
    if rest and not takes:
        raise InputError(f"unexpected argument {rest[0]!r} (flags begin with --)")
    _check_texts(flag_values, rest)
    _check_numbers(flag_values)
    return rest


def _check_flagfiles(arguments: Sequence[str]) -> None:
    """Raise InputError for a flag file that would fill the memory, such as /dev/zero."""
    for name, value in pairwise([*arguments, ""]):
        option, given, path = name.partition("=")
        if option not in ("--flagfile", "-flagfile"):
            continue
        with suppress(OSError, ValueError):  # reading it says what is wrong
            found = os.stat(os.path.expanduser(path if given else value))
            if stat.S_ISCHR(found.st_mode) or found.st_size > limits.YAML_BYTES:
                most = f"a file of at most {limits.YAML_BYTES} bytes"
                raise InputError(f"--flagfile: expected {most}, received more")


def _check_numbers(flag_values: flags.FlagValues) -> None:
    """Raise InputError for what is no number, as all comparisons with it are false."""
    for name in flag_values:
        value = flag_values[name].value
        if isinstance(value, float) and math.isnan(value):
            raise InputError(f"--{name}: expected a number, received nan")


def _check_texts(flag_values: flags.FlagValues, rest: Sequence[str]) -> None:
    """Raise InputError for what is no text: no file can be named so, or none can say it."""
    given = {f"--{name}": flag_values[name].value for name in flag_values}
    for name, value in {**given, "argument": list(rest)}.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not _is_text(text):
                raise InputError(f"{name}: expected UTF-8 text without NUL, received {shown(text)}")


def _is_text(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:  # bytes of the command line that are not UTF-8
        return False


def _reason(flag_values: flags.FlagValues, message: str) -> str:
    """Return absl's message in the form of all messages of nac."""
    illegal = re.match(r"flag --(\w+)=(.*?): ", message, re.DOTALL)
    if not illegal:
        return message
    parser = flag_values[illegal[1]].parser
    choices = getattr(parser, "enum_values", None)
    expected = f"one of {', '.join(choices)}" if choices else parser.syntactic_help
    return f"--{illegal[1]}: expected {expected or 'true or false'}, received {shown(illegal[2])}"


def _prepare_process() -> None:
    """Do once per process what ``absl.app.run`` does, as TensorFlow's messages go through absl."""
    from absl import logging

    for name, value in TENSORFLOW_SETTINGS.items():
        os.environ.setdefault(name, value)
    logging.use_absl_handler()
    flags.FLAGS.mark_as_parsed()
    logging.set_verbosity(logging.INFO)
    faulthandler.enable()


def require_flags(flag_values: flags.FlagValues, *names: str) -> None:
    """Raise NacError unless all named flags were given a value."""
    for name in names:
        if not flag_values[name].value:
            raise NacError(f"--{name} is required (see --help)")


@contextmanager
def interruptible(work: str) -> Iterator[None]:
    """Say how to continue when a signal ends the command.

    Args:
        work: What the same command continues, such as "run".
    """
    try:
        yield
    except KeyboardInterrupt:
        print(f"\ninterrupted; the same command continues this {work}", file=sys.stderr)
        raise
