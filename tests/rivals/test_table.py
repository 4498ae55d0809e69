"""Which rivals there are, and what they need."""

import pytest

from nac.rivals import table
from nac.rivals.table import RIVALS, check_rivals
from nac.utils.errors import InputError, NacError


@pytest.fixture
def installed(monkeypatch):
    """Packages that count as installed."""
    names = {"keras_tuner", "autokeras"}
    monkeypatch.setattr(
        table.importlib.util, "find_spec", lambda name: object() if name in names else None
    )
    return names


@pytest.mark.usefixtures("installed")
def test_each_rival_is_taken_once():
    assert check_rivals(["autokeras", "keras_tuner", "autokeras"]) == ("autokeras", "keras_tuner")
    assert check_rivals([]) == ()


@pytest.mark.usefixtures("installed")
def test_an_unknown_rival_is_named():
    with pytest.raises(InputError, match=r"^--rivals: expected one of keras_tuner, autokeras, rec"):
        check_rivals(["auto_keras"])


def test_without_the_extra_one_line_names_it(installed):
    installed.clear()
    with pytest.raises(NacError) as caught:
        check_rivals(["keras_tuner", "autokeras"])
    assert str(caught.value) == (
        '--rivals=keras_tuner,autokeras needs keras_tuner, autokeras: pip install "nac[rivals]"'
    )


def test_only_what_is_missing_is_named(installed):
    installed.remove("autokeras")
    assert check_rivals(["keras_tuner"]) == ("keras_tuner",)
    with pytest.raises(NacError, match=r"^--rivals=autokeras needs autokeras: pip install"):
        check_rivals(["autokeras"])


def test_rivals_have_names_for_people():
    assert [RIVALS[name].label for name in RIVALS] == ["Keras Tuner", "AutoKeras"]
