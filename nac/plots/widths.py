"""The shape of constructed networks: branches and blocks left per layer. Needs matplotlib."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from nac.drawing.style import ACCENT, FAINT, WIDTH, colors_of, new_figure, styled
from nac.plots.files import Drawing, Table
from nac.plots.widths_data import Place, all_blocks, constructed_networks, places
from nac.runs.saved_run import Run

HEIGHT = 620
LEFT, RIGHT, GAP = 74, 150, 26
SEVERAL = "{} constructed networks; line: mean, band: from the narrowest to the widest"
_ROWS = ((92, 322), (362, 566))
"""Upper and lower edge of the two rows of axes, in pixels."""


def widths_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``widths``.

    Args:
        run: the first of the runs whose constructed networks are shown.
        others: the others.

    Raises:
        NothingToShowError: a run has no constructed network yet.
        InputError: the networks have not the same number of stages.
    """
    networks = constructed_networks([run, *others])
    layers = places(networks)
    notations = ", ".join(sorted({str(network.notation) for network in networks}))
    count = "1 constructed network" if len(networks) == 1 else SEVERAL.format(len(networks))
    names = ", ".join(each.name for each in (run, *others))
    figure = widths_figure(layers, f"{names}: width of layers", f"{notations}, {count}")
    yield Drawing("widths", figure, widths_table(layers))


def widths_table(layers: Sequence[Place]) -> Table:
    """Return a row per layer: number of branches, then the share of each block."""
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
def widths_figure(layers: Sequence[Place], title: str = "", subtitle: str = "") -> Figure:
    """Return branches per layer above, and which blocks they are below.

    Args:
        layers: of all stages; stages stand side by side, as wide as they are deep.
        title: stands above.
        subtitle: stands below the title.
    """
    figure = new_figure(HEIGHT, title or "Width of layers", subtitle)
    colors = colors_of(all_blocks(layers))
    most = max(max(layer.widths) for layer in layers)
    for place, (stage, left, width) in enumerate(_columns(layers)):
        above, below = (figure.add_axes(_box(left, width, *rows)) for rows in _ROWS)
        own = [layer for layer in layers if layer.stage == stage]
        _draw_widths(above, own, most)
        _draw_shares(below, own, colors)
        above.set_title(f"stage {stage}")
        if place == 0:
            above.set_ylabel("branches kept")
            below.set_ylabel("share of branches kept")
        else:
            above.tick_params(labelleft=False)
            below.tick_params(labelleft=False)
    _draw_legend(figure, colors)
    return figure


def _columns(layers: Sequence[Place]) -> Iterator[tuple[int, float, float]]:
    """Yield stage, left edge and width in pixels."""
    stages = sorted({layer.stage for layer in layers})
    depths = {stage: sum(layer.stage == stage for layer in layers) + 1 for stage in stages}
    room = WIDTH - LEFT - RIGHT - GAP * (len(stages) - 1)
    left = float(LEFT)
    for stage in stages:
        width = room * depths[stage] / sum(depths.values())
        yield stage, left, width
        left += width + GAP


def _box(x: float, width: float, top: float, bottom: float) -> tuple[float, float, float, float]:
    return x / WIDTH, 1 - bottom / HEIGHT, width / WIDTH, (bottom - top) / HEIGHT


def _draw_widths(axes: Axes, layers: Sequence[Place], most: int) -> None:
    positions = [layer.position for layer in layers]
    if len(layers[0].widths) > 1:
        low, high = zip(*((min(x.widths), max(x.widths)) for x in layers), strict=True)
        axes.fill_between(positions, low, high, color=FAINT, alpha=0.35, linewidth=0)
    axes.plot(positions, [layer.mean for layer in layers], "o-", color=ACCENT, markersize=5)
    axes.set_ylim(0, most + 0.6)
    axes.set_yticks(range(0, most + 1, max(1, most // 6)))
    _set_positions(axes, positions)


def _draw_shares(axes: Axes, layers: Sequence[Place], colors: dict[str, str]) -> None:
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
    place = (1 - RIGHT / WIDTH + 0.01, 1 - _ROWS[1][0] / HEIGHT)
    figure.legend(handles=handles[::-1], loc="upper left", bbox_to_anchor=place, title="block")
