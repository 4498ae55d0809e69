"""Charts of TensorBoard's Custom Scalars tab: all branches, and all gates, of a stage in one."""

from tensorboard.plugins.custom_scalar.layout_pb2 import (
    Category,
    Chart,
    Layout,
    MultilineChartContent,
)
from tensorboard.plugins.custom_scalar.summary import pb

from nac.architecture import Architecture
from nac.names import featuremap_tags, gate_tags


def charts_record(architecture: Architecture):
    """Return the summary that lays out a chart per stage for featuremap metrics and for gates.

    The tags of a chart are a pattern, so that jobs whose networks differ share it.

    Args:
        architecture: of the job.
    """
    categories = [
        Category(title=title, chart=[_chart(group) for group in _groups(tags)])
        for title, tags in (
            ("featuremap metrics", featuremap_tags(architecture)),
            ("gates", gate_tags(architecture)),
        )
        if tags
    ]
    return pb(Layout(category=categories))


def _groups(tags: dict[str, str]) -> list[str]:
    return sorted({tag.partition("/")[0] for tag in tags.values()})


def _chart(group: str) -> Chart:
    return Chart(title=group, multiline=MultilineChartContent(tag=[f"{group}/layer.*"]))
