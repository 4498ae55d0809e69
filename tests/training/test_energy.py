"""Energy counters of processor packages: sums, overflow, unreadable and missing files."""

import pytest

from nac.training.energy import EnergyMeter


def write_counter(folder, number, microjoules, name="package-0", most=1_000_000):
    counter = folder / f"intel-rapl:{number}"
    counter.mkdir(exist_ok=True)
    (counter / "name").write_text(f"{name}\n")
    (counter / "energy_uj").write_text(f"{microjoules}\n")
    (counter / "max_energy_range_uj").write_text(f"{most}\n")


def test_packages_are_added_up(tmp_path):
    write_counter(tmp_path, 0, 100)
    write_counter(tmp_path, 1, 500, "package-1")
    meter = EnergyMeter(tmp_path)
    write_counter(tmp_path, 0, 200_100)
    write_counter(tmp_path, 1, 300_500, "package-1")
    assert meter.joules() == pytest.approx(0.5)


def test_a_counter_that_ran_over_goes_on(tmp_path):
    write_counter(tmp_path, 0, 900_000)
    meter = EnergyMeter(tmp_path)
    write_counter(tmp_path, 0, 100_000)
    assert meter.joules() == pytest.approx(0.2)


def test_each_reading_adds_what_came_since_the_last(tmp_path):
    write_counter(tmp_path, 0, 0)
    meter = EnergyMeter(tmp_path)
    for microjoules in (600_000, 200_000):  # 0.6 J, then 0.4 J to the end and 0.2 J more
        write_counter(tmp_path, 0, microjoules)
        meter.read()
    assert meter.joules() == pytest.approx(1.2)


@pytest.mark.parametrize("name", ["core", "dram", "psys"])
def test_parts_of_a_package_and_the_platform_do_not_count(tmp_path, name):
    write_counter(tmp_path, 0, 0, name)
    assert EnergyMeter(tmp_path).joules() is None


def test_without_counters_nothing_is_told(tmp_path):
    with EnergyMeter(tmp_path / "nowhere") as meter:
        assert meter.joules() is None


def test_a_counter_that_went_away_tells_nothing_ever_after(tmp_path):
    write_counter(tmp_path, 0, 0)
    meter = EnergyMeter(tmp_path)
    (tmp_path / "intel-rapl:0" / "energy_uj").unlink()
    meter.read()
    write_counter(tmp_path, 0, 300_000)
    assert meter.joules() is None
