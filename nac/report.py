"""``python -m nac.report``: a run as one HTML page.

    python -m nac.report --run=runs/digits

writes ``runs/digits/report.html``: what was asked, the network, what was pruned and why, curves,
gates, cost, the comparison if there is one, and the commands to use and to repeat it. The page
needs nothing else, no network and no script. A run that is not finished gives a page, too. Needs
``pip install -c constraints.txt -e ".[report]"``.
"""

from pathlib import Path

from absl import flags

from nac.cli.command_line import quietly, require_flags
from nac.cli.command_line import run as run_command
from nac.reporting.extra import need_packages
from nac.runs.saved_run import Run, load_run
from nac.utils.errors import InputError
from nac.utils.files import write_atomically

REPORT = "report.html"

flags.DEFINE_string("run", None, "Run directory of a nac.construct.")
flags.DEFINE_string("output", None, "The page; default: report.html in the run directory.")
FLAGS = flags.FLAGS


def main() -> None:
    """Write the page."""
    require_flags("run")
    need_packages("nac.report")
    directory = Path(FLAGS.run)
    found = load_run(directory)
    output = Path(FLAGS.output) if FLAGS.output else directory / REPORT
    if output.is_dir():
        raise InputError(f"--output: {output}: expected a file, received a directory")
    with quietly():
        page = _page(found)
    write_atomically(output, page)
    print(f"report: {output}")


def _page(found: Run) -> str:
    # TensorFlow, for the event files, and matplotlib take seconds: only after the checks.
    from nac.reporting.page import render_report

    return render_report(found)


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()
