"""Write the report of a run, one HTML page.

    nac report --run=runs/digits

writes ``runs/digits/report.html``: the iterations at a glance, which classes the trained network
confuses and which images it gets wrong, its size and speed, the settings, the network, what was
pruned and why, curves, gates, cost, the comparison if there is one, and the commands to use and to
repeat the run. The page is complete in itself: it needs neither scripts nor a network. It can also
be written of a run that is not finished. Needs ``pip install "nac[report]"``.
"""

from pathlib import Path

from absl import flags

from nac.cli.command import command, require_flags
from nac.reporting.extra import need_packages
from nac.runs.layout import REPORT
from nac.runs.saved_run import Run, load_run
from nac.utils.errors import InputError, refused
from nac.utils.files import write_atomically
from nac.utils.processes import quietly
from nac.utils.text import printable

PAGE = b"<!doctype html>"
"""How a page begins, in any case."""

FLAGS = flags.FlagValues()
flags.DEFINE_string("run", None, "Run directory of nac construct.", flag_values=FLAGS)
flags.DEFINE_string(
    "output",
    None,
    "Path of the page; default: report.html in the run directory.",
    flag_values=FLAGS,
)


def main() -> None:
    """Write the page."""
    require_flags(FLAGS, "run")
    need_packages("nac.report")
    directory = Path(FLAGS.run)
    saved_run = load_run(directory)
    output = Path(FLAGS.output) if FLAGS.output else directory / REPORT
    _check_output(output)
    with quietly():
        page = _page(saved_run)
    write_atomically(output, page)
    print(f"report: {printable(str(output))}")


def _check_output(path: Path) -> None:
    """Raise InputError unless a path is free, or holds a page that a new one may replace."""
    if path.is_dir():
        raise InputError(f"--output: {path}: expected a file, received a directory")
    if path.is_file():
        with refused("read", path), open(path, "rb") as file:
            beginning = file.read(len(PAGE))
        if beginning and beginning.lower() != PAGE:
            raise InputError(f"--output: {path}: expected a page or no file, received another file")


def _page(saved_run: Run) -> str:
    # matplotlib takes most of a second: only after the checks.
    from nac.reporting.page import render_report

    return render_report(saved_run)


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
