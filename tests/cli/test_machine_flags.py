"""Flags that say how jobs run, and how they reach a job's process."""

import pytest
from absl import flags

from nac.cli.command import parse
from nac.cli.machine_flags import (
    changed_settings,
    define_machine_flags,
    forwarded_flags,
    job_arguments,
)
from nac.cli.plugins import define_common_flags
from nac.utils.errors import InputError


def parsed(*arguments):
    values = flags.FlagValues()
    define_machine_flags(values)
    define_common_flags(values)
    parse(values, arguments)
    return values


def test_only_flags_that_were_set_are_forwarded():
    assert forwarded_flags(parsed("--strategy=one", "--jit_compile")) == [
        "--strategy=one",
        "--jit_compile=True",
    ]


def test_a_default_that_is_set_is_forwarded():
    assert changed_settings(parsed("--logical_cpus=0")) == {"logical_cpus": 0}


def test_plugins_are_forwarded_in_their_order():
    arguments = ["--plugin=mine", "--plugin=yours.rankings"]
    assert forwarded_flags(parsed(*arguments)) == arguments


def test_settings_of_python_are_checked_like_flags():
    with pytest.raises(InputError, match=r"^unknown flag --strateg \(did you mean 'strategy'"):
        job_arguments({"strateg": "one"})
    with pytest.raises(InputError, match=r"^--strategy: expected one of auto, one, mirrored"):
        job_arguments({"strategy": "two"})


def test_a_setting_that_is_none_keeps_its_default():
    assert job_arguments({"data_dir": None, "deterministic": "on"}) == ["--deterministic=on"]


def test_all_machine_flags_are_settings_of_a_job():
    from nac.cli.machine_flags import machine_settings
    from nac.training.machine import Machine

    assert machine_settings(parsed()) == Machine()
    settings = machine_settings(parsed("--checkpoint_seconds=3"), save_model=False)
    assert settings == Machine(checkpoint_seconds=3.0, save_model=False)
