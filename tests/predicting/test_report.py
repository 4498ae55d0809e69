"""Predictions as a table, as JSON and as CSV."""

import json

from nac.predicting.photos import Guess, Prediction
from nac.predicting.report import as_csv, as_json, as_text

PREDICTIONS = [
    Prediction("a.jpg", (Guess("cat", 0.75), Guess("dog", 0.25))),
    Prediction("b, c.jpg", (Guess("dog", 0.5), Guess("cat", 0.5))),
]
SINGLE = [Prediction("a.jpg", (Guess("cat", 0.75),))]


def test_the_table_has_the_best_class_and_the_others():
    assert as_text(PREDICTIONS).splitlines()[2:] == [
        "a.jpg     cat          75.0%  dog 25.0%",
        "b, c.jpg  dog          50.0%  cat 50.0%",
    ]


def test_the_table_of_one_class_each_has_no_others():
    assert as_text(SINGLE).splitlines()[0].split() == ["image", "class", "probability"]


def test_json_has_an_object_for_each_image():
    assert json.loads(as_json(SINGLE)) == [
        {"image": "a.jpg", "predictions": [{"class": "cat", "probability": 0.75}]}
    ]


def test_csv_has_a_line_for_each_guess():
    assert as_csv(PREDICTIONS).splitlines() == [
        "image,rank,class,probability",
        "a.jpg,1,cat,0.750000",
        "a.jpg,2,dog,0.250000",
        '"b, c.jpg",1,dog,0.500000',
        '"b, c.jpg",2,cat,0.500000',
    ]
