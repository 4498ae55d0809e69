"""The simulated queue: by hand where nothing fails, by closed forms where something does."""

import math
import random
import statistics
from functools import partial

import pytest

from nac.config import load_experiment
from tests.builders import assert_says, input_error
from tests.experiments import ROOT
from tools.simulation.__main__ import run
from tools.simulation.closed_forms import best_interval, expected_seconds
from tools.simulation.cluster import Cluster, Job, segments
from tools.simulation.defaults import checkpoint_seconds
from tools.simulation.queue import simulate
from tools.simulation.report import lifetimes, row, tallies
from tools.simulation.workloads import Speed, comparison, construction

IMAGENET = ROOT / "experiments" / "imagenet" / "construct.yaml"


def never():
    return math.inf


def drawn(*seconds):
    """Return lifetimes of nodes in the order in which they are asked for, then for ever."""
    values = iter(seconds)
    return lambda: next(values, math.inf)


def makespan(cluster, *phases, lifetime=never):
    return simulate(cluster, [phases], lifetime).makespan


class TestWithoutFailures:
    def test_a_job_takes_its_start_its_training_and_its_checkpoints(self):
        cluster = Cluster(nodes=1, gpus=1, checkpoint=40.0, save=1.0, start=5.0)
        # Checkpoints after 40 and 80 seconds of training; the end needs none.
        assert makespan(cluster, [Job(1, 100.0)]) == 5.0 + 100.0 + 2 * 1.0

    def test_no_checkpoint_is_saved_at_the_end(self):
        assert segments(80.0, Cluster(nodes=1, gpus=1, checkpoint=40.0)) == [40.0, 40.0]

    def test_more_jobs_than_gpus_wait(self):
        assert makespan(Cluster(nodes=1, gpus=2), [Job(1, 10.0)] * 3) == 20.0

    def test_a_phase_waits_for_the_slowest_job_of_the_one_before(self):
        phases = [[Job(1, 10.0), Job(1, 25.0)], [Job(1, 5.0)]]
        assert makespan(Cluster(nodes=1, gpus=2), *phases) == 30.0

    def test_runs_do_not_wait_for_each_other(self):
        runs = [[[Job(1, 10.0)], [Job(1, 10.0)]], [[Job(1, 15.0)]]]
        assert simulate(Cluster(nodes=2, gpus=1), runs, never).makespan == 20.0

    def test_a_job_takes_several_whole_nodes(self):
        # The narrow job keeps one node busy; of the other two, the wide job takes both.
        assert makespan(Cluster(nodes=3, gpus=2), [Job(1, 10.0), Job(4, 10.0)]) == 10.0
        assert makespan(Cluster(nodes=2, gpus=2), [Job(1, 10.0), Job(4, 10.0)]) == 20.0

    def test_small_jobs_leave_whole_nodes_free(self):
        assert makespan(Cluster(nodes=2, gpus=2), [Job(1, 10.0), Job(1, 10.0), Job(2, 10.0)]) == 10

    def test_a_job_that_does_not_fit_is_overtaken(self):
        cluster = Cluster(nodes=1, gpus=2)
        assert makespan(cluster, [Job(1, 10.0), Job(2, 10.0), Job(1, 10.0)]) == 20.0

    def test_time_is_useful_or_idle(self):
        tally = simulate(Cluster(nodes=1, gpus=2), [[[Job(1, 10.0)]]], never)
        assert tally.shares() == {
            **dict.fromkeys(("saving", "starting", "lost", "detecting", "down"), 0.0),
            "useful": 0.5,
            "idle": 0.5,
        }
        assert (tally.jobs, tally.failures) == (1, 0)
        assert tally.jobs_per_day == 8640.0


class TestFailures:
    def test_a_job_goes_on_at_its_checkpoint_where_another_node_is_free(self):
        cluster = Cluster(
            nodes=2, gpus=1, repair=1000.0, detection=7.0, checkpoint=40.0, save=1.0, start=5.0
        )
        # Lost 60 seconds after its start: 5 of start, 40 of training, 1 of saving, 14 for nothing.
        tally = simulate(cluster, [[[Job(1, 100.0)]]], drawn(60.0))
        # After 7 seconds it starts anew; 60 seconds are left, with one checkpoint after 40.
        assert tally.makespan == 60.0 + 7.0 + 5.0 + 60.0 + 1.0
        spent = tally.spent
        assert (spent.useful, spent.saving, spent.starting, spent.lost) == (100.0, 2.0, 10.0, 14.0)
        assert tally.failures == 1

    def test_a_job_waits_for_the_repair_where_no_other_node_is_free(self):
        cluster = Cluster(nodes=1, gpus=1, repair=50.0, detection=7.0)
        assert makespan(cluster, [Job(1, 100.0)], lifetime=drawn(60.0)) == 60.0 + 50.0 + 100.0

    def test_all_gpus_of_a_job_are_held_until_its_loss_is_noticed(self):
        cluster = Cluster(nodes=3, gpus=1, repair=1000.0, detection=7.0)
        tally = simulate(cluster, [[[Job(2, 100.0)]]], drawn(60.0))
        assert tally.makespan == 60.0 + 7.0 + 100.0
        assert tally.spent.detecting == 7.0  # one GPU; the other one is down
        assert tally.spent.down == 7.0 + 100.0
        assert tally.spent.lost == 2 * 60.0

    def test_the_loss_of_a_second_node_does_not_count_twice(self):
        cluster = Cluster(nodes=4, gpus=1, repair=1000.0, detection=7.0)
        tally = simulate(cluster, [[[Job(2, 100.0)]]], drawn(60.0, 63.0))
        assert (tally.failures, tally.spent.detecting) == (1, 3.0)
        assert tally.makespan == 60.0 + 7.0 + 100.0

    def test_a_failure_while_a_job_starts_costs_the_start(self):
        cluster = Cluster(nodes=2, gpus=1, repair=1000.0, start=5.0)
        tally = simulate(cluster, [[[Job(1, 10.0)]]], drawn(3.0))
        assert (tally.spent.starting, tally.spent.lost, tally.makespan) == (8.0, 0.0, 18.0)

    def test_jobs_on_other_nodes_go_on(self):
        cluster = Cluster(nodes=2, gpus=1, repair=1000.0)
        tally = simulate(cluster, [[[Job(1, 10.0), Job(1, 100.0)]]], drawn(5.0))
        assert tally.makespan == 110.0  # the first job again, when the second one is done

    def test_a_free_node_that_fails_costs_nothing_but_itself(self):
        tally = simulate(Cluster(nodes=2, gpus=1, repair=4.0), [[[Job(1, 10.0)]]], drawn(99.0, 5.0))
        assert (tally.makespan, tally.failures, tally.spent.down) == (10.0, 0, 4.0)

    def test_whatever_fails_all_training_is_done_once_for_good(self):
        cluster = Cluster(
            nodes=3, gpus=2, mtbf=300.0, repair=50.0, detection=9.0, checkpoint=20.0, save=1.0,
            start=5.0,
        )  # fmt: skip
        runs = [[[Job(1, 100.0)] * 4, [Job(4, 50.0)]]] * 2
        tally = simulate(cluster, runs, lifetimes(cluster, 0))
        assert tally.spent.useful == pytest.approx(2 * (4 * 100.0 + 4 * 50.0))
        assert all(0.0 < share < 1.0 for share in tally.shares().values())


def mean_and_error(cluster, job, count=4000):
    """Return the mean makespan of one job over seeds, and the standard error of that mean."""
    times = [
        simulate(
            cluster, [[[job]]], partial(random.Random(seed).expovariate, 1.0 / cluster.mtbf)
        ).makespan
        for seed in range(count)
    ]
    return statistics.mean(times), statistics.stdev(times) / math.sqrt(count)


class TestClosedForms:
    def test_one_job_on_one_node_takes_as_long_as_expected(self):
        cluster = Cluster(
            nodes=1, gpus=1, mtbf=500.0, repair=30.0, detection=10.0, checkpoint=100.0, save=5.0,
            start=20.0,
        )  # fmt: skip
        mean, error = mean_and_error(cluster, Job(1, 1000.0))
        expected = expected_seconds(Job(1, 1000.0), cluster, downtime=30.0)
        assert abs(mean - expected) < 4.0 * error
        assert error < 0.01 * expected  # so the test can fail

    def test_one_job_on_many_nodes_fails_with_each_of_them(self):
        cluster = Cluster(
            nodes=6, gpus=2, mtbf=3000.0, repair=30.0, detection=60.0, checkpoint=100.0, save=5.0,
            start=20.0,
        )  # fmt: skip
        mean, error = mean_and_error(cluster, Job(8, 1000.0))
        expected = expected_seconds(Job(8, 1000.0), cluster, downtime=60.0)
        assert abs(mean - expected) < 4.0 * error
        assert error < 0.01 * expected

    def test_without_failures_nothing_is_repeated(self):
        cluster = Cluster(nodes=1, gpus=1, checkpoint=40.0, save=1.0, start=5.0)
        assert expected_seconds(Job(1, 100.0), cluster, downtime=9.0) == 107.0

    def test_the_best_interval_is_close_to_the_best_of_many(self):
        job, best = Job(1, 10_000.0), 100.0  # the root of 2 * 1 s * 5000 s

        def expected(interval):
            cluster = Cluster(nodes=1, gpus=1, mtbf=5000.0, checkpoint=interval, save=1.0)
            return expected_seconds(job, cluster, downtime=0.0)

        assert best_interval(job, Cluster(nodes=1, gpus=1, mtbf=5000.0, save=1.0)) == best
        assert expected(best) < min(expected(best / 2), expected(2 * best))


class TestWorkloads:
    def test_a_construction_has_trainings_tournaments_and_a_full_training(self):
        run = construction(load_experiment(str(IMAGENET)), Speed(8, 0.1), Speed(1, 1.0))
        training, first, second = [Job(8, 5000.0)], [Job(1, 12_500.0)] * 4, [Job(1, 25_000.0)] * 2
        assert run == [*([training, first, second] * 5), [Job(8, 45_000.0)]]

    def test_without_a_tournament_trainings_follow_each_other(self):
        digits = load_experiment(str(ROOT / "experiments" / "digits" / "construct.yaml"))
        run = construction(digits, Speed(1, 1.0), Speed(1, 1.0))
        assert run == [*([[Job(1, 150.0)]] * 3), [Job(1, 360.0)]]

    def test_a_comparison_is_one_phase(self):
        digits = load_experiment(str(ROOT / "experiments" / "digits" / "construct.yaml"))
        assert comparison(digits, 3, Speed(1, 0.5)) == [[Job(1, 180.0)] * 3]


class TestTool:
    def test_checkpoints_are_saved_as_often_as_jobs_save_them(self):
        assert checkpoint_seconds() == 120.0

    def test_a_row_has_means_and_deviations(self):
        cluster = Cluster(nodes=1, gpus=2)
        cells = row(tallies(cluster, [[[Job(1, 43_200.0)]]], seeds=2))
        assert cells[:4] == ["1", "0.0 ± 0.0", "0.50 ± 0.00", "2.00 ± 0.00"]
        assert (cells[4], cells[-1]) == ("50.0 ± 0.0", "50.0 ± 0.0")

    def test_seeds_differ(self):
        cluster = Cluster(nodes=1, gpus=1, mtbf=100.0)
        first, second = tallies(cluster, [[[Job(1, 100.0)]]], seeds=2)
        assert first.makespan != second.makespan

    def test_it_prints_a_row_for_each_number_of_nodes(self, capfd):
        run([f"--config={IMAGENET}", "--nodes=1,2", "--mtbf_days=0", "--seeds=2"])
        lines = capfd.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines[2:4]] == ["1", "2"]

    def test_a_job_that_fits_on_no_nodes_is_a_mistake(self):
        message = input_error(Job(12, 1.0).check_fits, Cluster(nodes=2, gpus=8))
        assert_says(message, "12", "16", "8")
