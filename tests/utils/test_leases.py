"""Who works in a directory, as other hosts see it."""

import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from nac.utils import leases
from nac.utils.errors import NacError
from nac.utils.files import write_json
from nac.utils.leases import LEASE, SILENCE, Lease, leased, own_lease, read_lease
from nac.utils.records import to_json

ELSEWHERE = Lease("far", "another boot", 12, "token")


def hold(directory, lease, silent=0.0):
    """Leave a lease whose last sign of life was some seconds ago."""
    write_json(directory / LEASE, to_json(lease))
    now = time.time()
    os.utime(directory / LEASE, (now - silent, now - silent))


def enter(directory, lock_holds=True):
    with leased(directory, "run", lock_holds):
        return read_lease(directory)


def test_the_holder_is_on_record_while_it_works_and_not_after(tmp_path):
    with leased(tmp_path, "run", lock_holds=True):
        assert read_lease(tmp_path).process == os.getpid()
    assert not (tmp_path / LEASE).exists()


def test_another_host_that_lives_is_named_with_the_way_to_take_over(tmp_path):
    hold(tmp_path, ELSEWHERE, silent=20)
    with pytest.raises(NacError) as error:
        enter(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: process 12 on host far is working on this run; its last sign of life was 20 s"
        " ago. If that host is dead, repeat this command when it has been silent for 60 s, or"
        f" delete {tmp_path / LEASE}"
    )
    assert read_lease(tmp_path) == ELSEWHERE


def test_who_has_patience_waits_until_the_holder_counts_as_dead(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "LOOK", 0.02)
    hold(tmp_path, ELSEWHERE, silent=SILENCE - 0.5)
    with leased(tmp_path, "job", lock_holds=True, patience=60.0):
        assert read_lease(tmp_path).process == os.getpid()


def test_who_has_patience_begins_when_the_lease_is_given_back(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "LOOK", 0.02)
    hold(tmp_path, ELSEWHERE)
    threading.Timer(0.2, (tmp_path / LEASE).unlink).start()
    with leased(tmp_path, "job", lock_holds=True, patience=60.0):
        assert read_lease(tmp_path).process == os.getpid()


def test_patience_with_a_living_holder_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "LOOK", 0.02)
    hold(tmp_path, ELSEWHERE)
    with (
        pytest.raises(NacError, match="is working on this job"),
        leased(tmp_path, "job", True, 0.1),
    ):
        pass


def test_a_dead_host_is_taken_over_aloud(tmp_path, capsys):
    hold(tmp_path, ELSEWHERE, silent=SILENCE + 60)
    assert enter(tmp_path).process == os.getpid()
    assert "process 12 on host far worked on this run, but has been silent for 120 s" in (
        capsys.readouterr().err
    )


def test_a_killed_process_of_this_machine_is_followed_at_once(tmp_path, capsys):
    hold(tmp_path, replace(own_lease(), process=12))
    assert enter(tmp_path).process == os.getpid()
    assert capsys.readouterr().err == ""


def test_without_locks_a_living_process_of_this_machine_is_refused(tmp_path):
    hold(tmp_path, own_lease())
    with pytest.raises(NacError, match="is working on this run"):
        enter(tmp_path, lock_holds=False)


def test_a_damaged_lease_is_none(tmp_path):
    (tmp_path / LEASE).write_text("{")
    assert enter(tmp_path).process == os.getpid()


def test_the_lease_is_touched_while_the_work_lasts(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "HEARTBEAT", 0.02)
    with leased(tmp_path, "run", lock_holds=True):
        os.utime(tmp_path / LEASE, (0, 0))
        until = time.monotonic() + 30
        while (tmp_path / LEASE).stat().st_mtime == 0 and time.monotonic() < until:
            time.sleep(0.02)
        assert (tmp_path / LEASE).stat().st_mtime > 0


def test_work_that_another_host_has_taken_over_ends_and_leaves_the_lease(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(leases, "HEARTBEAT", 0.02)

    def work():
        with leased(tmp_path, "run", lock_holds=True):
            hold(tmp_path, ELSEWHERE)
            for _ in range(600):
                time.sleep(0.05)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        signal.signal(signal.SIGINT, before)
    assert "process 12 on host far has taken over this run" in capsys.readouterr().err
    assert read_lease(tmp_path) == ELSEWHERE
