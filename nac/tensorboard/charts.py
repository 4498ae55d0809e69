"""Charts of TensorBoard's Custom Scalars tab: all branches, and all gates, of a stage in one."""

from tensorboard.plugins.custom_scalar.layout_pb2 import (
    Category,
    Chart,
    Layout,
    MultilineChartContent,
)
from tensorboard.plugins.custom_scalar.summary import pb

from nac.architecture.network import Architecture


def charts_record(architecture: Architecture):
    """Return the summary that lays out a chart per stage for featuremap metrics and for gates.

    The tags of a chart are a pattern, so that jobs whose networks differ share it.

    Args:
        architecture: of the job.
    """
    stages = range(1, len(architecture.stages) + 1)
    categories = [
        Category(title=title, chart=[_chart(f"{prefix}_stage{number}") for number in stages])
        for title, prefix, shown in (
            ("featuremap metrics", "featuremaps", architecture.branches()),
            ("gates of skip connections", "gates", architecture.skip_connections()),
        )
        if shown
    ]
    return pb(Layout(category=categories))


def _chart(group: str) -> Chart:
    return Chart(title=group, multiline=MultilineChartContent(tag=[f"{group}/layer.*"]))
