"""Tables for terminals."""

from nac.utils.tables import table


def test_texts_stand_left_and_numbers_right():
    text = table(["layer", "block"], [["1", "3x3sep"], ["10", "1x1"]])
    assert text == "layer  block\n-----  ------\n    1  3x3sep\n   10  1x1"


def test_a_column_as_wide_as_its_title_or_its_widest_cell():
    assert table(["a", "long title"], [["longer", "b"]]).splitlines()[1] == "------  ----------"


def test_thousands_percent_and_empty_cells_count_as_numbers():
    text = table(["images"], [["1,000"], ["25%"], ["-"], [""]])
    assert text.split("\n")[2:] == [" 1,000", "   25%", "     -", ""]


def test_one_text_makes_the_whole_column_left():
    assert table(["value"], [["1"], ["none"]]).splitlines()[2:] == ["1", "none"]


def test_no_line_ends_in_blanks():
    text = table(["name", "fate"], [["a", "x"], ["b", ""]])
    assert all(line == line.rstrip() for line in text.splitlines())


def test_without_rows_the_header_stands_alone():
    assert table(["a", "b"], []) == "a  b\n-  -"


def test_control_characters_in_cells_are_written_as_escapes():
    text = table(["image"], [["\x1b[31m.jpg"], ["a"]])
    assert text.splitlines()[2:] == [r"\x1b[31m.jpg", "a"]
