"""Predictions for people and for machines."""

import csv
import io
import json
from collections.abc import Sequence

from nac.predicting.photos import Guess, Prediction
from nac.utils.tables import table


def as_text(predictions: Sequence[Prediction]) -> str:
    """Return a table with a row for each image."""
    rows = [
        [
            prediction.image,
            prediction.guesses[0].name,
            _percent(prediction.guesses[0]),
            ", ".join(f"{guess.name} {_percent(guess)}" for guess in prediction.guesses[1:]),
        ]
        for prediction in predictions
    ]
    titles = ["image", "class", "probability", "or"]
    if not any(row[-1] for row in rows):
        titles, rows = titles[:-1], [row[:-1] for row in rows]
    return table(titles, rows)


def as_json(predictions: Sequence[Prediction]) -> str:
    """Return a JSON list with an object for each image."""
    return json.dumps(
        [
            {
                "image": prediction.image,
                "predictions": [
                    {"class": guess.name, "probability": guess.probability}
                    for guess in prediction.guesses
                ],
            }
            for prediction in predictions
        ],
        indent=2,
    )


def as_csv(predictions: Sequence[Prediction]) -> str:
    """Return CSV with a line for each image and guess, without a line break at its end."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", "rank", "class", "probability"])
    for prediction in predictions:
        for rank, guess in enumerate(prediction.guesses, start=1):
            writer.writerow([prediction.image, rank, guess.name, f"{guess.probability:.6f}"])
    return text.getvalue().removesuffix("\n")


def _percent(guess: Guess) -> str:
    return f"{100 * guess.probability:.1f}%"
