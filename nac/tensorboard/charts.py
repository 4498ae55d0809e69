"""Charts of TensorBoard's Custom Scalars tab: all branches, and all gates, of a stage in one."""

from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.custom_scalar.layout_pb2 import (
    Category,
    Chart,
    Layout,
    MultilineChartContent,
)
from tensorboard.plugins.custom_scalar.summary import pb

from nac.architecture.network import Architecture
from nac.config.rankings import DEFAULT
from nac.tensorboard.tags import branch_group


def charts_record(architecture: Architecture, ranking: str = DEFAULT) -> Summary:
    """Return the summary that lays out a chart per stage for branches and one for gates.

    The tags of a chart are a pattern, so that jobs with different networks share it.

    Args:
        architecture: The network of the job.
        ranking: The ranking by which branches are shown.
    """
    stages = range(1, len(architecture.stages) + 1)
    branches = "featuremap metrics" if ranking == DEFAULT else f"branches, ranking {ranking}"
    categories = [
        Category(title=title, chart=[_chart(f"{prefix}_stage{number}") for number in stages])
        for title, prefix, shown in (
            (branches, branch_group(ranking), architecture.branches()),
            ("gates of skip connections", "gates", architecture.skip_connections()),
        )
        if shown
    ]
    return pb(Layout(category=categories))


def _chart(group: str) -> Chart:
    return Chart(title=group, multiline=MultilineChartContent(tag=[f"{group}/layer.*"]))
