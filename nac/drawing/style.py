"""How figures look: size, fonts and colors, in one place. Needs matplotlib.

Figures are drawn by matplotlib's object interface: no pyplot, no windows, nothing global but the
settings that :func:`styled` sets for the time of one call.
"""

import functools
from collections.abc import Callable, Iterable

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

WIDTH = 1200
"""Width of every figure in pixels."""

DPI = 100

SMALL, NORMAL, LARGE = 7.0, 8.5, 12.0
"""Sizes of text in points; at DPI the small one has 9.7 pixels."""

INK, MUTED, LINE, BAND = "#1b1f24", "#59636e", "#c4ccd4", "#f3f5f8"
"""Text, less important text, frames, backgrounds."""

ACCENT, FAINT = "#0072b2", "#9aa4ae"
"""What is looked at; what is there beside it."""

WARNING, WARNING_PALE = "#b84300", "#f0b48a"
"""What is about to go, as line and as hatch."""

SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6f5b9c", "#7a7a7a")
"""Colors that readers who are color-blind can tell apart (Okabe and Ito), and two more."""

SHADES = LinearSegmentedColormap.from_list("nac", ("#ffffff", "#d3e7f5", "#7fb8de"))
"""Weak to strong, light enough for dark text."""

SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": NORMAL,
    "text.color": INK,
    "text.parse_math": False,
    "axes.titlesize": NORMAL,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
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
"""matplotlib's names for it. Dollars in the name of a run are no formula; the last two make text of
text, and the same file every time."""


def styled(function: Callable) -> Callable:
    """Decorate a function that draws, or writes what was drawn, so that it uses the settings."""

    @functools.wraps(function)
    def wrapper(*arguments, **options):
        with matplotlib.rc_context(SETTINGS):
            return function(*arguments, **options)

    return wrapper


def new_figure(height: float, title: str = "", subtitle: str = "") -> Figure:
    """Return an empty figure, WIDTH times ``height`` pixels, with its title at the top left."""
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI)
    if title:
        figure.text(16 / WIDTH, 1 - 14 / height, title, size=LARGE, weight="bold", va="top")
    if subtitle:
        top = 1 - (38 if title else 14) / height
        figure.text(16 / WIDTH, top, subtitle, size=NORMAL, color=MUTED, va="top")
    return figure


def pixel_axes(figure: Figure) -> Axes:
    """Return axes over the whole figure whose unit is a pixel, y growing downward."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(figure.get_figheight() * DPI, 0)
    return axes


def colors_of(names: Iterable[str]) -> dict[str, str]:
    """Return a color for each name; with more names than colors, colors come again."""
    return {name: SERIES[place % len(SERIES)] for place, name in enumerate(names)}
