"""The look of all figures: size, fonts and colors. Needs matplotlib.

Figures use matplotlib's object interface instead of pyplot. No window is opened, and the only
global state is the settings, which :func:`styled` changes for the duration of one call.
"""

import functools
from collections.abc import Callable, Iterable

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

WIDTH = 1200
"""Width of a figure in pixels, unless it has another one."""

DPI = 100

SMALL, NORMAL, LARGE = 7.0, 8.5, 12.0
"""Font sizes in points. At this DPI, the smallest is 9.7 pixels."""

INK, MUTED, LINE, BAND = "#1b1f24", "#59636e", "#c4ccd4", "#f3f5f8"
"""Colors of text, less important text, frames and backgrounds."""

ACCENT, FAINT = "#0072b2", "#9aa4ae"
"""Colors of the main subject of a figure, and of what it is compared with."""

WARNING, WARNING_PALE = "#b84300", "#f0b48a"
"""Colors of what will be pruned: its outline and its hatching."""

SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6f5b9c", "#7a7a7a")
"""A palette for color-blind readers (Okabe and Ito), extended by two colors."""

SHADES = LinearSegmentedColormap.from_list("nac", ("#ffffff", "#d3e7f5", "#7fb8de"))
"""Color map from weak to strong, light enough for dark text."""

SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": NORMAL,
    "text.color": INK,
    "text.parse_math": False,
    "axes.titlesize": NORMAL,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,
    "axes.labelsize": NORMAL,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6eaee",
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 1.2,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "nac",
}
"""The look as matplotlib's settings.

Titles are where ``titley`` puts them anyway, but now matplotlib does not measure what is above the
axes. ``parse_math`` keeps a dollar sign in the name of a run from starting a formula, ``fonttype``
keeps the text of an SVG file searchable, and ``hashsalt`` makes its element ids reproducible.
"""


def styled(function: Callable) -> Callable:
    """Decorate a function that draws or saves a figure, so that it runs with ``SETTINGS``."""

    @functools.wraps(function)
    def wrapper(*arguments, **options):
        with matplotlib.rc_context(SETTINGS):
            return function(*arguments, **options)

    return wrapper


def new_figure(height: float, title: str = "", subtitle: str = "", width: float = WIDTH) -> Figure:
    """Return an empty figure of a size in pixels, with its title at the top left."""
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    if title:
        figure.text(16 / width, 1 - 14 / height, title, size=LARGE, weight="bold", va="top")
    if subtitle:
        top = 1 - (38 if title else 14) / height
        figure.text(16 / width, top, subtitle, size=NORMAL, color=MUTED, va="top")
    return figure


def pixel_axes(figure: Figure) -> Axes:
    """Return axes that fill the figure. The unit is a pixel, and y grows downward."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, figure.get_figwidth() * DPI)
    axes.set_ylim(figure.get_figheight() * DPI, 0)
    return axes


def colors_of(names: Iterable[str]) -> dict[str, str]:
    """Assign a color to each name. Colors repeat if there are more names than colors."""
    return {name: SERIES[index % len(SERIES)] for index, name in enumerate(names)}
