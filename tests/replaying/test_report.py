"""A replay as text."""

from nac.replaying.replay import Replay, Row
from nac.replaying.report import OMITTED, count_of, replay_text

ROWS = (
    Row("rounds", 0.25, 0.456, 60.94, 91.951, 0.244),
    Row("best network", None, None, 0, 92.31, None),
)


def test_it_is_a_sentence_a_table_and_what_is_omitted():
    text = replay_text(Replay("macro.json", 6561, "22222222", 55e6, 772, 200, ROWS))
    assert text.splitlines()[:7] == [
        "Accuracy (%) of the network that each rule arrives at from 22222222 within 55,000,000"
        " FLOPs,",
        "by readings with Gaussian noise (points), mean and deviation over 200 seeds; 6,561"
        " networks of",
        "macro.json.",
        "",
        "rule          noise   tau  readings  accuracy  deviation",
        "------------  -----  ----  --------  --------  ---------",
        "rounds         0.25  0.46      60.9     91.95       0.24",
    ]
    assert text.splitlines()[7] == "best network      -     -       0.0     92.31          -"
    assert text.endswith(f"\n\n{OMITTED}")
    assert "a systematic bias" in OMITTED


def test_a_single_seed_is_called_so():
    assert (count_of(1), count_of(1000)) == ("one seed", "1,000 seeds")
