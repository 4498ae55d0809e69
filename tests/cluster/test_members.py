import json

import pytest

from nac.cluster import members
from nac.cluster.members import Member, check_alone, host_and_port, member, tf_config
from nac.utils.errors import InputError

TWO = ("a:2222", "b:2222")


def config(cluster, kind="worker", index=0):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


@pytest.mark.parametrize("index", [0, 1])
def test_tf_config_says_who_the_workers_are_and_which_this_is(index):
    given = config({"worker": list(TWO)}, index=index)
    assert member(given) == Member(TWO, index)


@pytest.mark.parametrize(("kind", "index"), [("chief", 0), ("worker", 1)])
def test_a_task_chief_comes_before_the_workers(kind, index):
    assert member(config({"chief": ["a:2222"], "worker": ["b:2222"]}, kind)) == Member(TWO, index)


def test_what_jobs_get_says_the_same():
    assert member({"TF_CONFIG": tf_config(TWO, 1)}) == Member(TWO, 1)


def test_it_is_one_line():
    assert "\n" not in tf_config(TWO, 1)


def test_the_first_worker_is_the_chief():
    assert [Member(TWO, index).is_chief for index in range(2)] == [True, False]


def test_a_worker_has_the_host_of_its_address():
    assert Member(TWO, 1).host == "b"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"cluster": {"worker": ["a:1"]}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": -1}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": "x"}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": Infinity}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "evaluator", "index": 0}}',
        '{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
        '{"cluster": {"worker": [1]}, "task": {"type": "worker", "index": 0}}',
        '{"cluster": ["a:1"], "task": {"type": "worker", "index": 0}}',
    ],
)
def test_anything_else_in_tf_config_is_an_error(text):
    expected = r"TF_CONFIG: expected \{\"cluster\": .*, received "
    with pytest.raises(InputError, match=expected):
        member({"TF_CONFIG": text})


@pytest.mark.parametrize(
    "address", ["a", "a:", "a:0", "[::1]:1", "a:65536", "a b:1", ":1", "a:1:2"]
)
def test_an_address_has_a_host_and_a_port(address):
    with pytest.raises(InputError, match="TF_CONFIG: expected addresses host:port, received"):
        host_and_port(address)


def test_without_workers_in_the_environment_there_is_nobody_to_train_with():
    with pytest.raises(InputError, match=r"expected the workers in TF_CONFIG, .* received neither"):
        member({})


@pytest.mark.parametrize("strategy", ["auto", "one", "mirrored"])
def test_workers_in_the_environment_are_not_ignored(strategy):
    expected = (
        f"--strategy: expected multi_worker, as TF_CONFIG lists 2 workers, received {strategy}"
    )
    with pytest.raises(InputError, match=expected):
        check_alone(strategy, config({"worker": list(TWO)}))


@pytest.mark.parametrize("environment", [{}, config({"worker": ["a:2222"]})])
def test_alone_any_strategy_will_do(environment):
    check_alone("auto", environment)


class TestSlurm:
    @pytest.fixture(autouse=True)
    def _not_in_tf_config(self, monkeypatch):
        monkeypatch.delenv("TF_CONFIG", raising=False)

    def in_a_step(self, monkeypatch, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(f"SLURM_{name}", value)

    def test_each_process_of_srun_is_a_worker_in_slurms_own_order(self, monkeypatch):
        self.in_a_step(
            monkeypatch,
            PROCID="1",
            STEP_NUM_TASKS="2",
            STEP_NODELIST="n[2,10]",
            STEP_TASKS_PER_NODE="1(x2)",
        )
        assert member() == Member(("n2:8888", "n10:8888"), 1)

    def test_processes_of_a_machine_have_a_port_each(self, monkeypatch):
        self.in_a_step(
            monkeypatch,
            PROCID="2",
            STEP_NUM_TASKS="3",
            STEP_NODELIST="n[1-2]",
            STEP_TASKS_PER_NODE="2,1",
        )
        assert member() == Member(("n1:8888", "n1:8889", "n2:8888"), 2)

    def test_outside_of_srun_one_line_says_what_is_missing(self, monkeypatch):
        monkeypatch.setenv(members.SLURM, "n1")
        with pytest.raises(
            InputError,
            match="Slurm: SLURM_PROCID not found in environment",
        ):
            member()
