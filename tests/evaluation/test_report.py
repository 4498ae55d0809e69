"""The human-readable report of an evaluation."""

import numpy as np

from nac.evaluation.counting import Tally
from nac.evaluation.report import MOST_COLUMNS, evaluation_report, text
from nac.utils.records import to_json

FACTS = {"model": "m.keras", "dataset": "digits", "split": "test", "device": "CPU"}


def report(labels, logits, seconds=2.0):
    tally = Tally(logits.shape[1])
    tally.add(np.array(labels), logits.astype(np.float32))
    return evaluation_report(tally, seconds, **FACTS)


def test_numbers_for_people():
    # 2 of 3 right; cross-entropies are about 0, 0 and 100.
    shown = text(report([0, 1, 1], np.array([[100, 0], [0, 100], [100, 0]])))
    assert shown == "\n".join(
        [
            "m.keras on digits, test images",
            "",
            "images         3",
            "top-1          66.67%",
            "cross-entropy  33.3333",
            "images/s       2 on CPU",
            "",
            "class  images  right  accuracy",
            "-----  ------  -----  --------",
            "    0       1      1   100.00%",
            "    1       2      1    50.00%",
            "",
            "true \\ predicted  0  1",
            "----------------  -  -",
            "               0  1",
            "               1  1  1",
        ]
    )


def test_top_5_is_shown_where_there_are_more_classes():
    shown = text(report([5, 0], np.array([[6, 5, 4, 3, 2, 1]] * 2)))
    assert "top-5          50.00%" in shown.splitlines()


def test_a_class_without_images_has_a_dash_for_accuracy():
    rows = text(report([0], np.array([[1, 0]]))).splitlines()
    assert rows[rows.index("-----  ------  -----  --------") + 2].split() == ["1", "0", "0", "-"]


def test_a_confusion_matrix_too_wide_for_a_terminal_is_for_machines():
    shown = text(report([0], np.eye(1, MOST_COLUMNS + 1)))
    assert shown.splitlines()[-1] == (
        "The confusion matrix of 21 classes is too wide; --json prints it."
    )


def test_images_per_second():
    assert report([0] * 30, np.ones((30, 2)), seconds=4.0).images_per_second == 7.5


def test_the_json_has_null_where_there_is_no_value():
    value = to_json(report([0], np.array([[1, 0]])))
    assert (value["top5_accuracy"], value["class_accuracies"]) == (None, [1.0, None])
    assert value["confusion"] == [[1, 0], [0, 0]]
