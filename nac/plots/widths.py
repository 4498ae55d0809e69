"""The shape of constructed networks: branches and blocks kept in each layer. Needs matplotlib."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from nac.drawing.style import ACCENT, FAINT, WIDTH, colors_of, new_figure, styled
from nac.plots.files import Drawing, Table
from nac.plots.widths_data import LayerWidths, all_blocks, constructed_networks, layer_widths
from nac.runs.saved_run import Run

HEIGHT = 620
LEFT, RIGHT, GAP = 74, 150, 26
SEVERAL = "{} constructed networks; line: mean, band: from the narrowest to the widest"
_ROWS = ((92, 322), (362, 566))
"""Top and bottom of the two rows of axes, in pixels from the top of the figure."""


def widths_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Yield the figure ``widths``.

    Args:
        run: The first run whose constructed network is shown.
        others: Further runs to show, for instance of other seeds.

    Raises:
        NothingToShowError: A run has no constructed network yet.
        InputError: The networks differ in their number of stages.
    """
    networks = constructed_networks([run, *others])
    layers = layer_widths(networks)
    notations = ", ".join(sorted({str(network.notation) for network in networks}))
    count = "1 constructed network" if len(networks) == 1 else SEVERAL.format(len(networks))
    names = ", ".join(each.name for each in (run, *others))
    figure = widths_figure(layers, f"{names}: width of layers", f"{notations}, {count}")
    yield Drawing("widths", figure, widths_table(layers))


def widths_table(layers: Sequence[LayerWidths]) -> Table:
    """Return a row per layer: its number of branches, then the share of each block."""
    blocks = all_blocks(layers)
    header = ("stage", "layer_of_stage", "networks", "mean", "least", "most", *blocks)
    rows = []
    for layer in layers:
        shares = [layer.shares().get(block, 0.0) for block in blocks]
        widths = layer.widths
        numbers = (len(widths), layer.mean, min(widths), max(widths))
        rows.append((layer.stage, layer.position, *numbers, *shares))
    return Table(header, rows)


@styled
def widths_figure(layers: Sequence[LayerWidths], title: str = "", subtitle: str = "") -> Figure:
    """Return a figure of the branches per layer (top) and the share of each block (bottom).

    Args:
        layers: Layers of all stages. The stages are drawn side by side, and deeper ones are wider.
        title: Heading of the figure.
        subtitle: Smaller line below the title.
    """
    figure = new_figure(HEIGHT, title or "Width of layers", subtitle)
    colors = colors_of(all_blocks(layers))
    most = max(max(layer.widths) for layer in layers)
    for column, (stage, left, width) in enumerate(_columns(layers)):
        top, bottom = (figure.add_axes(_box(left, width, *row)) for row in _ROWS)
        stage_layers = [layer for layer in layers if layer.stage == stage]
        _draw_widths(top, stage_layers, most)
        _draw_shares(bottom, stage_layers, colors)
        top.set_title(f"stage {stage}")
        if column == 0:
            top.set_ylabel("branches kept")
            bottom.set_ylabel("share of branches kept")
        else:
            top.tick_params(labelleft=False)
            bottom.tick_params(labelleft=False)
    _draw_legend(figure, colors)
    return figure


def _columns(layers: Sequence[LayerWidths]) -> Iterator[tuple[int, float, float]]:
    """Yield (stage, left edge, width) in pixels; the width grows with the depth of the stage."""
    stages = sorted({layer.stage for layer in layers})
    depths = {stage: sum(layer.stage == stage for layer in layers) + 1 for stage in stages}
    room = WIDTH - LEFT - RIGHT - GAP * (len(stages) - 1)
    left = float(LEFT)
    for stage in stages:
        width = room * depths[stage] / sum(depths.values())
        yield stage, left, width
        left += width + GAP


def _box(x: float, width: float, top: float, bottom: float) -> tuple[float, float, float, float]:
    """Convert pixels to matplotlib's fractions of the figure, in which y grows upward."""
    return x / WIDTH, 1 - bottom / HEIGHT, width / WIDTH, (bottom - top) / HEIGHT


def _draw_widths(axes: Axes, layers: Sequence[LayerWidths], most: int) -> None:
    positions = [layer.position for layer in layers]
    if len(layers[0].widths) > 1:
        low, high = zip(*((min(x.widths), max(x.widths)) for x in layers), strict=True)
        axes.fill_between(positions, low, high, color=FAINT, alpha=0.35, linewidth=0)
    axes.plot(positions, [layer.mean for layer in layers], "o-", color=ACCENT, markersize=5)
    axes.set_ylim(0, most + 0.6)
    axes.set_yticks(range(0, most + 1, max(1, most // 6)))
    _set_positions(axes, positions)


def _draw_shares(axes: Axes, layers: Sequence[LayerWidths], colors: dict[str, str]) -> None:
    positions, bottom = [layer.position for layer in layers], [0.0] * len(layers)
    for block, color in colors.items():
        shares = [layer.shares().get(block, 0.0) for layer in layers]
        axes.bar(positions, shares, 0.78, bottom, color=color, edgecolor="white", linewidth=0.8)
        bottom = [low + share for low, share in zip(bottom, shares, strict=True)]
    axes.grid(axis="x", visible=False)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("layer of the stage")
    _set_positions(axes, positions)


def _set_positions(axes: Axes, positions: Sequence[int]) -> None:
    axes.set_xticks(positions)
    axes.set_xlim(0.4, positions[-1] + 0.6)


def _draw_legend(figure: Figure, colors: dict[str, str]) -> None:
    handles = [Patch(color=color, label=block) for block, color in colors.items()]
    corner = (1 - RIGHT / WIDTH + 0.01, 1 - _ROWS[1][0] / HEIGHT)
    # Reversed, the entries are in the order of the stacked bars, from top to bottom.
    figure.legend(handles=handles[::-1], loc="upper left", bbox_to_anchor=corner, title="block")
