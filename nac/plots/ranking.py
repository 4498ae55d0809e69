"""Strength of each branch over the steps, and when the ranking settles. Needs matplotlib."""

import math
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from nac.config.rankings import DEFAULT, RANKINGS
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
    settling_step,
    stage_rankings,
)
from nac.runs.saved_run import Run
from nac.utils.text import natural_order

TOP, ROW, CURVES, AGREEMENT = 108, 680, (0, 412), (446, 598)
"""In pixels: upper edge of the first row of stages, distance to the next row; upper and lower edge
of the curves and of tau within a row."""

LEFT, RIGHT, ROOM_FOR_LABELS = 62, 8, 84
MOST_LABELS, COLUMNS = 36, 2
END_LABELS = f"at the ends: layer and block (of up to {MOST_LABELS} branches)"


def ranking_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``ranking_000`` and so on, one per iteration.

    Args:
        run: The run whose iterations are drawn.
        others: Not used.

    Raises:
        NothingToShowError: No event file has the values of the run's ranking.
    """
    rankings = [(each, stage_rankings(each, run.ranking)) for each in run.iterations]
    if not any(stages for _, stages in rankings):
        raise NothingToShowError(
            f"{run.directory}: no event file has values of branches by ranking {run.ranking}"
        )
    subject = "featuremap metric" if run.ranking == DEFAULT else "strength of branches"
    for iteration, stages in rankings:
        if stages:
            title = f"{run.name}: {subject} in iteration {iteration.name}{other_ranking(run)}"
            figure = ranking_figure(stages, title, run.ranking)
            yield Drawing(f"ranking_{iteration.directory.name}", figure, ranking_table(stages))


def ranking_table(stages: Sequence[StageRanking]) -> Table:
    """Return the curves: a row per step and branch, with the tau of its stage at that step."""
    header = ("stage", "step", "layer", "branch", "block", "metric", "pruned", "tau_of_stage")
    rows = [
        (stage.stage, step, x.layer, x.name, x.block, x.values[i], _yes(x.pruned), tau)
        for stage in stages
        for i, (step, tau) in enumerate(stage.agreement)
        for x in stage.branches
    ]
    return Table(header, rows)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@styled
def ranking_figure(
    stages: Sequence[StageRanking], title: str = "", ranking: str = DEFAULT
) -> Figure:
    """Return the strengths of branches above, and the agreement with the final ranking below.

    Args:
        stages: At least one stage; each gets a column.
        title: Title of the figure.
        ranking: The ranking that gives the strengths.
    """
    subtitle = (
        f"Above: {_explained(ranking)}."
        " Below: Kendall's tau of the ranking at each step to that of the last step."
    )
    rows = math.ceil(len(stages) / COLUMNS)
    figure = new_figure(TOP + ROW * rows - 20, title or "Ranking of branches", subtitle)
    blocks = sorted({x.block for stage in stages for x in stage.branches}, key=natural_order)
    colors = colors_of(blocks)
    for number, stage in enumerate(stages):
        row, column = divmod(number, COLUMNS)
        top, columns = TOP + row * ROW, min(COLUMNS, len(stages))
        _draw_strengths(_axes(figure, top, column, columns, CURVES), stage, colors, ranking)
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


def _explained(ranking: str) -> str:
    if ranking == DEFAULT:
        return "mean square of each branch's featuremap, accumulated from the first step"
    return f"{ranking} of each branch, {RANKINGS[ranking].about}"


def _draw_strengths(axes: Axes, stage: StageRanking, colors: dict[str, str], ranking: str) -> None:
    axes.set_title(f"stage {stage.stage}{'' if ranking == DEFAULT else f': {ranking}'}")
    # Long names would not fit beside the axes, nor any name beside the labels of small values.
    axes.set_ylabel("featuremap metric" if ranking == DEFAULT else "")
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
    positions = spread(ends, 11 * (high - low) / (CURVES[1] - CURVES[0]), low, high)
    place = axes.get_yaxis_transform()  # x is a share of the width
    for branch, position in zip(branches, positions, strict=True):
        text = f"{branch.layer}  {branch.block}"
        axes.text(1.06, position, text, transform=place, size=SMALL, va="center", color=INK)
    # One artist for all lines: an arrow per label would take most of the time of the figure.
    lines = [((1, end), (1.055, position)) for end, position in zip(ends, positions, strict=True)]
    style = {"colors": [colors[branch.block] for branch in branches], "linewidths": 0.8}
    axes.add_artist(LineCollection(lines, transform=place, clip_on=False, zorder=3, **style))


def _draw_agreement(axes: Axes, stage: StageRanking) -> None:
    agreement = stage.agreement
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
    """Return a sentence that says when the ranking of a stage settles."""
    settled, last = settling_step(stage.agreement), stage.steps[-1]
    if settled is None:
        return "nothing to rank"
    return f"tau stays ≥ {SETTLED} from step {settled:,} of {last:,}"


def _draw_legend(figure: Figure, colors: dict[str, str], pruning: bool) -> None:
    handles = [Line2D([], [], color=color, label=block) for block, color in colors.items()]
    if pruning:
        style = {"color": MUTED, "linestyle": (0, (4, 2))}
        handles.append(Line2D([], [], label="pruned after this iteration", **style))
    handles.append(Line2D([], [], linestyle="none", label=END_LABELS))
    corner = (16 / WIDTH - 0.004, 1 - 56 / (figure.get_figheight() * DPI))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=corner, ncols=len(handles))
