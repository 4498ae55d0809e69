"""Metric of each branch over the steps, and when the ranking settles. Needs matplotlib."""

import math
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from nac.drawing.style import (
    ACCENT,
    DPI,
    INK,
    MUTED,
    SMALL,
    WIDTH,
    colors_of,
    new_figure,
    styled,
)
from nac.plots.architecture import other_ranking
from nac.plots.files import Drawing, NothingToShowError, Table
from nac.plots.labels import spread
from nac.plots.ranking_data import (
    SETTLED,
    BranchCurve,
    StageRanking,
    rankings,
    settling_step,
)
from nac.runs.saved_run import Run
from nac.utils.text import natural_order

TOP, ROW, CURVES, AGREEMENT = 108, 680, (0, 412), (446, 598)
"""Upper edge of the first row of stages, distance to the next; upper and lower edge of the curves
and of tau within a row, in pixels."""

LEFT, RIGHT, ROOM_FOR_LABELS = 62, 8, 84
MOST_LABELS, COLUMNS = 36, 2
END_LABELS = f"at the ends: layer and block (of up to {MOST_LABELS} branches)"


def ranking_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``ranking_000`` and so on, one per iteration.

    Args:
        run: whose iterations are drawn.
        others: not looked at.

    Raises:
        NothingToShowError: no iteration wrote metrics into its event files.
    """
    found = [(number, rankings(iteration)) for number, iteration in enumerate(run.iterations)]
    if not any(stages for _, stages in found):
        raise NothingToShowError(f"{run.directory}: no event file has metrics of branches")
    for number, stages in found:
        if stages:
            title = f"{run.name}: featuremap metric in iteration {number}{other_ranking(run)}"
            figure = ranking_figure(stages, title)
            yield Drawing(f"ranking_{number:03d}", figure, ranking_table(stages))


def ranking_table(stages: Sequence[StageRanking]) -> Table:
    """Return the curves: a row per step and branch, with the tau of its stage at that step."""
    header = ("stage", "step", "layer", "branch", "block", "metric", "pruned", "tau_of_stage")
    rows = [
        (stage.stage, step, x.layer, x.name, x.block, x.values[place], _yes(x.pruned), tau)
        for stage in stages
        for place, (step, tau) in enumerate(stage.agreement())
        for x in stage.branches
    ]
    return Table(header, rows)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@styled
def ranking_figure(stages: Sequence[StageRanking], title: str = "") -> Figure:
    """Return curves of the metric above, and the agreement with the final ranking below.

    Args:
        stages: at least one; each gets a column.
        title: stands above.
    """
    subtitle = (
        "Above: mean square of each branch's featuremap, accumulated from the first step."
        " Below: Kendall's tau of the ranking at each step to that of the last step."
    )
    rows = math.ceil(len(stages) / COLUMNS)
    figure = new_figure(TOP + ROW * rows - 20, title or "Ranking of branches", subtitle)
    blocks = sorted({x.block for stage in stages for x in stage.branches}, key=natural_order)
    colors = colors_of(blocks)
    for place, stage in enumerate(stages):
        row, column = divmod(place, COLUMNS)
        top, columns = TOP + row * ROW, min(COLUMNS, len(stages))
        _draw_metrics(_axes(figure, top, column, columns, CURVES), stage, colors)
        _draw_agreement(_axes(figure, top, column, columns, AGREEMENT), stage)
    _draw_legend(figure, colors, any(x.pruned for s in stages for x in s.branches))
    return figure


def _axes(figure: Figure, top: float, column: int, columns: int, span: tuple[float, float]) -> Axes:
    pitch, height = (WIDTH - RIGHT) / columns, figure.get_figheight() * DPI
    left, width = column * pitch + LEFT, pitch - LEFT - ROOM_FOR_LABELS
    upper, lower = (1 - (top + edge) / height for edge in span)
    axes = figure.add_axes((left / WIDTH, lower, width / WIDTH, upper - lower))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    return axes


def _draw_metrics(axes: Axes, stage: StageRanking, colors: dict[str, str]) -> None:
    axes.set_title(f"stage {stage.stage}")
    axes.set_ylabel("featuremap metric")
    for branch in stage.branches:
        style = (0, (4, 2)) if branch.pruned else "-"
        color = colors[branch.block]
        axes.plot(stage.steps, branch.values, color=color, linestyle=style, linewidth=1.3)
    axes.set_xlim(0, stage.steps[-1])
    axes.tick_params(labelbottom=False)
    if len(stage.branches) <= MOST_LABELS:
        _label_ends(axes, stage.branches, colors)


def _label_ends(axes: Axes, branches: Sequence[BranchCurve], colors: dict[str, str]) -> None:
    """Write layer and block at the end of each curve, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    ends = [branch.values[-1] for branch in branches]
    places = spread(ends, 11 * (high - low) / (CURVES[1] - CURVES[0]), low, high)
    for branch, end, place in zip(branches, ends, places, strict=True):
        axes.annotate(
            f"{branch.layer}  {branch.block}",
            (1, end),
            (1.06, place),
            xycoords=("axes fraction", "data"),
            size=SMALL,
            va="center",
            color=INK,
            arrowprops={
                "arrowstyle": "-",
                "color": colors[branch.block],
                "linewidth": 0.8,
                "shrinkA": 0,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
        )


def _draw_agreement(axes: Axes, stage: StageRanking) -> None:
    agreement = stage.agreement()
    known = [(step, tau) for step, tau in agreement if tau is not None]
    axes.plot(*zip(*known, strict=True) if known else ([], []), color=ACCENT)
    axes.axhline(SETTLED, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.set_xlim(0, stage.steps[-1])
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.set_ylim(min([-0.05, *(tau for _, tau in known)]), 1.05)
    axes.set_xlabel("step")
    axes.set_ylabel("Kendall's tau")
    axes.set_title(settling_text(stage), weight="normal", size=8, color=MUTED)
    settled = settling_step(agreement)
    if settled is not None:
        axes.axvline(settled, color=ACCENT, linewidth=1, linestyle=(0, (4, 2)))
        axes.plot([settled], [dict(agreement)[settled]], "o", color=ACCENT, markersize=5)


def settling_text(stage: StageRanking) -> str:
    """Say in words when the ranking of a stage settles."""
    settled, last = settling_step(stage.agreement()), stage.steps[-1]
    if settled is None:
        return "nothing to rank"
    return f"tau stays ≥ {SETTLED} from step {settled:,} of {last:,}"


def _draw_legend(figure: Figure, colors: dict[str, str], pruning: bool) -> None:
    handles = [Line2D([], [], color=color, label=block) for block, color in colors.items()]
    if pruning:
        style = {"color": MUTED, "linestyle": (0, (4, 2))}
        handles.append(Line2D([], [], label="pruned after this iteration", **style))
    handles.append(Line2D([], [], linestyle="none", label=END_LABELS))
    place = (16 / WIDTH - 0.004, 1 - 56 / (figure.get_figheight() * DPI))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=place, ncols=len(handles))
