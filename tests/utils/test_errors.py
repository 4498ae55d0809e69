"""Messages are lines that are safe to show."""

from nac.utils.errors import LONGEST, InputError, NacError


def test_control_characters_are_shown_as_escapes():
    assert str(InputError("\x1b[31m.yaml: missing\n")) == r"\x1b[31m.yaml: missing\n"


def test_a_long_message_loses_its_middle_and_keeps_its_reason():
    text = str(NacError(f"{'x' * 200_000}: no such file"))
    assert len(text) == LONGEST
    assert text.endswith("x: no such file")


def test_details_are_further_lines():
    assert str(NacError("it failed:", "  \x1bone", "  two")) == "it failed:\n  \\x1bone\n  two"
