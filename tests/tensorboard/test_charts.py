"""Charts that show all curves of a stage."""

import re

from tensorboard.plugins.custom_scalar.layout_pb2 import Layout
from tensorboard.util.tensor_util import make_ndarray

from nac.tensorboard.charts import charts_record
from tests.builders import WIDENER, architecture, layer


def charts(*layers, ranking="mean_square"):
    """Return category -> {title of a chart: its patterns}."""
    record = charts_record(architecture(*layers), ranking)
    layout = Layout.FromString(make_ndarray(record.value[0].tensor).item())
    return {
        category.title: {chart.title: list(chart.multiline.tag) for chart in category.chart}
        for category in layout.category
    }


def test_each_stage_has_a_chart_of_metrics_and_one_of_gates():
    found = charts(layer("1x1"), layer("1x1", inputs=[0]), WIDENER, layer("3x3"))
    assert found == {
        "featuremap metrics": {
            "featuremaps_stage1": ["featuremaps_stage1/layer.*"],
            "featuremaps_stage2": ["featuremaps_stage2/layer.*"],
        },
        "gates of skip connections": {
            "gates_stage1": ["gates_stage1/layer.*"],
            "gates_stage2": ["gates_stage2/layer.*"],
        },
    }


def test_without_skip_connections_there_are_no_charts_of_gates():
    assert list(charts(layer("1x1"))) == ["featuremap metrics"]


def test_another_ranking_is_named():
    expected = {"taylor_stage1": ["taylor_stage1/layer.*"]}
    assert charts(layer("1x1"), ranking="taylor") == {"branches, ranking taylor": expected}


def test_a_chart_shows_curves_but_no_histogram():
    pattern = charts(layer("1x1"))["featuremap metrics"]["featuremaps_stage1"][0]
    assert re.match(pattern, "featuremaps_stage1/layer01/Branch1_1x1")
    assert not re.match(pattern, "featuremaps_stage1/all")
