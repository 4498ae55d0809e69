import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.config import load_experiment, parse_experiment
from nac.config.splits import scored_on, search_recipe
from nac.display.display import PlainDisplay
from nac.runs import construction, jobs
from nac.runs.budget import counter, limits_of
from nac.runs.construction import check_construction, construct
from nac.runs.result import write_result
from nac.runs.tournament import read_choice
from nac.utils.errors import InputError, NacError
from tests.display.events import Events
from tests.experiments import small
from tests.results import job_result


@pytest.fixture
def trained(monkeypatch):
    """Replace training: metrics grow with the branch's position, gates with the source."""

    class Runner:
        def __init__(self, upcoming, decoded, display, executor):
            calls.upcoming = list(upcoming)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def run(self, job, directory, arguments):
            calls.append((directory.name, str(job.architecture.notation), arguments))
            directory.mkdir(parents=True, exist_ok=True)
            if "--nosave_model" not in arguments and calls.written:
                (directory / "model.keras").write_text("model")
                (directory / "classifier.keras").write_text("classifier")
            calls.seconds.append(job.parameters.seconds)
            result = replace(trained_result(job, calls.elapsed), files=calls.files)
            write_result(directory, result)
            return result

    calls = Calls()
    monkeypatch.setattr(construction, "JobRunner", Runner)
    return calls


class Calls(list):
    """The jobs that were run; ``upcoming`` is what was said of them at the beginning.

    Attributes:
        seconds: The seconds that each job was given.
        elapsed: The seconds that each job takes, in the order of the jobs.
        files: What a result says about the trained networks that were written.
        written: Whether they are.
    """

    def __init__(self):
        super().__init__()
        self.seconds, self.elapsed = [], []
        self.files, self.written = None, True


def trained_result(job, elapsed=()):
    branches, gates = job.architecture.branches(), job.architecture.skip_connections()
    return job_result(
        featuremaps={
            f"{layer}/{branch}": {"mean_square": float(position)}
            for position, (layer, branch) in enumerate(branches)
        },
        gates={f"{s}-{d}": float(s) for s, d in gates},
        notation=str(job.architecture.notation),
        parameters=1234,
        seconds=3.2,
        elapsed_seconds=elapsed.pop(0) if elapsed else None,
    )


def experiment(**changes):
    return parse_experiment(small(**changes), "experiment.yaml")


def test_each_iteration_is_one_job_and_then_the_final_one(trained, tmp_path):
    construct(experiment(), tmp_path, True, ["--strategy=one"])
    assert trained == [
        ("000", "6/1-1/3", ["--strategy=one", "--nosave_model"]),
        ("001", "6/2-2/3", ["--strategy=one", "--nosave_model"]),
        ("final", "6/3-3/3", ["--strategy=one"]),
    ]


def in_time(**budget):
    """Return an experiment with two iterations of 60 seconds and a full training of 300."""
    value = {**small(), "budget": budget}
    value["parameters"]["seconds"] = 60.0
    value["final_training"]["seconds"] = 300.0
    return parse_experiment(value, "experiment.yaml")


def test_the_full_training_makes_up_for_a_slow_reading_of_the_data(trained, tmp_path):
    trained.elapsed = [95.0, 59.0, 266.0]
    construct(in_time(minutes=8), tmp_path, True, [])
    assert trained.seconds == [60.0, 60.0, 300.0 - (35.0 - 1.0)]


def test_without_a_full_training_the_last_iteration_makes_up_for_it(trained, tmp_path):
    trained.elapsed = [75.0, 45.0]
    construct(in_time(minutes=8), tmp_path, False, [])
    assert trained.seconds == [60.0, 45.0]


def test_seconds_of_the_experiment_itself_are_left_as_they_are(trained, tmp_path):
    trained.elapsed = [95.0, 59.0, 266.0]
    construct(in_time(), tmp_path, True, [])
    assert trained.seconds == [60.0, 60.0, 300.0]


def test_a_full_training_has_half_a_minute_however_late_it_begins(trained, tmp_path):
    trained.elapsed = [600.0, 59.0, 30.0]
    construct(in_time(minutes=8), tmp_path, True, [])
    assert trained.seconds[-1] == 30.0


def test_with_a_budget_every_network_is_as_large_as_it_allows(trained, tmp_path, capsys):
    value = parse_experiment({**small(), "budget": {"parameters": 10_000}}, "experiment.yaml")
    constructed = construct(value, tmp_path, True, [], limits_of(value), display=PlainDisplay())
    lines = capsys.readouterr().out.splitlines()
    counts = [
        int(line.split(", ")[1].split(" of 10,000 parameters")[0].replace(",", ""))
        for line in lines
        if " of 10,000 parameters" in line
    ]
    assert len(counts) == 3
    assert all(9_700 <= count <= 10_000 for count in counts)
    assert counter(value)(constructed).parameters == counts[-1]


def test_all_jobs_are_announced_with_their_arguments(trained, tmp_path):
    construct(experiment(), tmp_path, True, ["--strategy=one"])
    short = ["--strategy=one", "--nosave_model"]
    assert trained.upcoming == [short, short, ["--strategy=one"]]


def test_jobs_that_are_done_are_not_announced(trained, tmp_path):
    (tmp_path / "000").mkdir()
    (tmp_path / "000" / "statistics.json").write_text("{}")
    construct(experiment(), tmp_path, False, [])
    assert trained.upcoming == [["--nosave_model"]]


def test_the_constructed_network_is_written_in_canonical_form(trained, tmp_path):
    architecture = construct(experiment(), tmp_path, False, [])
    path = tmp_path / "architecture.json"
    assert load_architecture(str(path)) == architecture
    assert path.read_text() == architecture_to_json(architecture)


def test_the_weakest_branches_go(trained, tmp_path):
    architecture = construct(experiment(parameters={"iterations": 1}), tmp_path, False, [])
    first = architecture.layer(1)
    assert first.branches == (("Branch2", "3x3"), ("Branch3", "3x3sep"))


def test_the_trained_model_moves_to_the_run_directory(trained, tmp_path):
    construct(experiment(), tmp_path, True, [])
    assert (tmp_path / "model.keras").read_text() == "model"
    assert not (tmp_path / "final" / "model.keras").exists()


def test_so_does_its_classifier(trained, tmp_path):
    construct(experiment(), tmp_path, True, [])
    assert (tmp_path / "classifier.keras").read_text() == "classifier"
    assert not (tmp_path / "final" / "classifier.keras").exists()


def test_without_train_final_there_is_no_final_job(trained, tmp_path):
    construct(experiment(), tmp_path, False, [])
    assert [name for name, *_ in trained] == ["000", "001"]


def test_the_closing_table_has_a_row_per_job(trained, tmp_path, capsys):
    construct(experiment(), tmp_path, True, [], display=PlainDisplay())
    lines = capsys.readouterr().out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("---------"))
    rows = [line.split() for line in lines[start + 1 : start + 4]]
    assert rows[0] == [
        "0",
        "6/1-1/3",
        "1,234",
        "0.5000",
        "test",
        "3",
        "2",
        "branches,",
        "0",
        "skips",
    ]
    assert rows[2] == ["final", "6/3-3/3", "1,234", "0.5000", "test", "3", "-"]


def test_the_last_event_has_paths_accuracy_and_table_as_values(trained, tmp_path):
    seen = Events()
    construct(experiment(), tmp_path, True, [], display=seen)
    values = seen.events[-1].values
    assert values["architecture"] == f"{tmp_path}/architecture.json"
    assert values["model"] == f"{tmp_path}/model.keras"
    assert (values["report"], values["network"]) == (None, "6/3-3/3")
    assert (values["accuracy"], values["split"]) == (0.5, "test")
    rows = [(row["iteration"], row["network"], row["pruned_branches"]) for row in values["jobs"]]
    assert rows == [("0", "6/1-1/3", 2), ("1", "6/2-2/3", 2), ("final", "6/3-3/3", None)]


def test_a_run_without_a_full_training_has_no_final_accuracy(trained, tmp_path):
    seen = Events()
    construct(experiment(), tmp_path, False, [], display=seen)
    assert seen.events[-1].values["accuracy"] is None


def test_the_report_is_written_before_the_last_event(trained, tmp_path):
    seen = Events()

    def write_report():
        (tmp_path / "report.html").write_text("page")
        return "report: here"

    construct(experiment(), tmp_path, False, [], display=seen, write_report=write_report)
    assert seen.events[-2].text() == "report: here"
    assert seen.events[-1].values["report"] == f"{tmp_path}/report.html"


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("parameters", "dataset"),
        ("parameters", "steps"),
        ("parameters", "batch_size"),
        ("parameters", "iterations"),
    ],
)
def test_a_missing_parameter_is_named(section, key):
    value = small()
    del value[section][key]
    with pytest.raises(InputError, match=rf"experiment\.yaml: {section}\.{key}: missing"):
        check_construction(parse_experiment(value, "experiment.yaml"), False)


def test_an_unknown_data_set_is_refused_before_anything_is_written():
    with pytest.raises(InputError, match=r"parameters\.dataset: .* received 'digit'"):
        check_construction(experiment(parameters={"dataset": "digit"}), False)


def test_train_final_needs_its_section():
    value = small()
    del value["final_training"]
    with pytest.raises(InputError, match="final_training: missing"):
        check_construction(parse_experiment(value, "experiment.yaml"), True)


def test_an_experiment_for_training_is_refused():
    with pytest.raises(NacError, match=r"parameters\.mode: expected 'construct'"):
        check_construction(experiment(parameters={"mode": "train"}), False)


def test_construction_without_metrics_is_refused():
    with pytest.raises(NacError, match=r"parameters\.log_stats: expected true"):
        check_construction(experiment(parameters={"log_stats": False}), False)


def test_truncated_trainings_leave_the_test_images_alone_if_some_are_held_out():
    held_out = experiment(parameters={"validation_share": 0.2})
    assert not search_recipe(held_out).parameters.score_test
    assert search_recipe(experiment()).parameters.score_test
    assert held_out.final.parameters.score_test


def test_the_ranking_is_that_of_the_experiment(trained, tmp_path):
    value = experiment(envelopenet={"ranking": "weight_norm"}, parameters={"iterations": 1})
    with pytest.raises(InputError, match=r"000/statistics\.json: .*\.weight_norm: missing"):
        construct(value, tmp_path, False, [])


def test_ranking_by_branch_gates_needs_branch_gates():
    ranked = {"envelopenet": {"ranking": "branch_gate"}}
    with pytest.raises(NacError, match=r"parameters\.branch_gates: expected true"):
        check_construction(experiment(**ranked), False)
    check_construction(experiment(**ranked, parameters={"branch_gates": True}), False)


def test_proposals_by_branch_gates_need_them_too():
    settings = {"policy": "tournament", "proposals": ["branch_gate"]}
    with pytest.raises(NacError, match=r"expected true, .* \(envelopenet\.proposals have branch_g"):
        check_construction(experiment(envelopenet=settings), False)
    check_construction(experiment(envelopenet={**settings, "policy": "weakest"}), False)


@pytest.mark.parametrize(
    "settings",
    [
        {"policy": "rounds"},
        {"policy": "tournament", "proposals": ["rounds"]},
        {"min_gain": 0.001},
    ],
)
def test_what_decides_by_validation_images_needs_them(settings):
    with pytest.raises(
        InputError, match=r"^experiment\.yaml: parameters\.validation_share: expect"
    ):
        check_construction(experiment(envelopenet=settings), False)
    held_out = {"validation_share": 0.2}
    check_construction(experiment(envelopenet=settings, parameters=held_out), False)


def test_a_tournament_without_rounds_needs_none():
    check_construction(experiment(envelopenet={"policy": "tournament"}), False)


# tournaments, with jobs that train nothing

FAKE_JOB = str(Path(__file__).parent.parent / "fake_job.py")
LOSSES = {"taylor": 0.5, "weight_norm": 0.25, "random1": 0.375, "random2": 0.75}
CHILDREN = [f"rung1/{name}" for name in LOSSES] + ["rung2/weight_norm", "rung2/random1"]


class Fake:
    """Constructions in two iterations whose jobs train nothing.

    Args:
        place: Working directory; the run is ``run`` in it.
    """

    def __init__(self, place):
        self.place, self.run = place, place / "run"
        self.plan({})

    def plan(self, what):
        losses = {f"rung{rung}/{name}": LOSSES[name] for rung in (1, 2) for name in LOSSES}
        (self.place / "plan.json").write_text(json.dumps(losses | what))

    def construct(self, environments=({},)):
        value = experiment(envelopenet={"policy": "tournament"})
        return construct(value, self.run, False, [], (), environments)

    def started(self):
        """Return name and threads of the jobs that were started, and forget them."""
        path = self.place / "started.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [(name, threads) for name, _, threads in map(str.split, lines)]

    def names(self):
        return [name for name, _ in self.started()]


@pytest.fixture
def fake(tmp_path, monkeypatch):
    def command(path, arguments):
        return [sys.executable, "-S", FAKE_JOB, f"--job={path}"]

    monkeypatch.setattr(jobs, "job_command", command)
    monkeypatch.chdir(tmp_path)
    return Fake(tmp_path)


def test_a_tournament_follows_each_iteration(fake):
    architecture = fake.construct()
    assert fake.names() == ["run/000", *CHILDREN, "run/001", *CHILDREN]
    assert str(architecture.notation) == "6/3-3/3"
    assert read_choice(fake.run / "000").winner == "weight_norm"


def test_the_winner_is_what_the_next_iteration_trains(fake):
    fake.construct()
    child = load_experiment(str(fake.run / "000/children/rung2/weight_norm/job.json"))
    following = load_experiment(str(fake.run / "001/job.json"))
    assert following.architecture == child.architecture
    assert (child.parameters.steps, following.parameters.steps) == (6, 12)


def test_the_same_construction_again_trains_nothing(fake):
    architecture = fake.construct()
    fake.started()
    assert fake.construct() == architecture
    assert fake.names() == []


def test_a_construction_whose_tournament_failed_continues_where_it_stopped(fake):
    fake.plan({"rung1/random2": "fail"})
    with pytest.raises(NacError, match=r"^job .*/run/000/children/rung1/random2 failed with exit"):
        fake.construct()
    assert fake.names() == ["run/000", *CHILDREN[:4]]
    fake.plan({})
    fake.construct()
    assert fake.names() == ["rung1/random2", *CHILDREN[4:], "run/001", *CHILDREN]


def test_networks_are_trained_side_by_side_where_there_are_devices_for_it(fake):
    one = {"TF_NUM_INTRAOP_THREADS": "1"}
    fake.construct([one, one])
    started = fake.started()
    assert sorted(name for name, _ in started[1:5]) == sorted(CHILDREN[:4])
    threads = dict(started)
    assert {threads[name] for name in CHILDREN} == {"1"}
    assert threads["run/000"] != "1"


def test_scored_on_validation_the_full_training_holds_out_what_the_iterations_do():
    final = scored_on(experiment(parameters={"validation_share": 0.2}), "validation").final
    assert (final.parameters.validation_share, final.parameters.score_test) == (0.2, False)


def test_scored_on_validation_needs_a_full_training():
    value = small(parameters={"validation_share": 0.2})
    del value["final_training"]
    with pytest.raises(InputError, match="final_training: missing"):
        scored_on(parse_experiment(value, "experiment.yaml"), "validation")


@pytest.mark.parametrize("name", ["model.keras", "classifier.keras"])
def test_a_trained_network_that_is_gone_is_said_with_what_to_do(trained, tmp_path, name):
    trained.files = ("model.keras", "classifier.keras")
    construct(experiment(), tmp_path, True, [])
    (tmp_path / name).unlink()
    trained.written = False
    with pytest.raises(NacError) as error:
        construct(experiment(), tmp_path, True, [])
    assert str(error.value) == (
        f"{tmp_path / name}: expected the trained network, received no such file, although its"
        f" training is done. To train it again, delete {tmp_path / 'final'} and repeat the command"
    )


def test_a_run_of_an_older_version_needs_no_classifier(trained, tmp_path):
    construct(experiment(), tmp_path, True, [])
    (tmp_path / "classifier.keras").unlink()
    trained.written = False
    construct(experiment(), tmp_path, True, [])


def test_a_directory_in_place_of_the_model_is_named(trained, tmp_path):
    (tmp_path / "model.keras" / "inner").mkdir(parents=True)
    with pytest.raises(NacError) as error:
        construct(experiment(), tmp_path, True, [])
    assert str(error.value) == f"{tmp_path / 'model.keras'}: cannot be written: Is a directory"


def test_the_images_are_compared_before_each_training(trained, tmp_path):
    seen = []
    construct(experiment(), tmp_path, True, [], check=lambda: seen.append(len(trained)))
    assert seen == [0, 1, 2, 2]
