"""Figures saved as files."""

import csv

import pytest

pytest.importorskip("matplotlib")

from nac.drawing.style import new_figure
from nac.plots.files import Drawing, Table, png, svg
from tests.plots.drawings import texts


def test_only_three_files_are_written(tmp_path):
    figure, table = new_figure(120, "A <title> & more"), Table(["x"], [[1]])
    paths = Drawing("example", figure, table).write(tmp_path / "figures")
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        "example.csv",
        "example.png",
        "example.svg",
    ]
    assert [path.read_bytes() for path in paths] == [
        png(figure),
        svg(figure).encode(),
        b"x\n1\n",
    ]


def test_text_in_svg_is_searchable_and_escaped():
    figure = new_figure(120, "A <title> & more", "digits")
    assert texts(figure) == ["A <title> & more", "digits"]
    assert "A &lt;title&gt; &amp; more" in svg(figure)


def test_a_png_has_the_requested_size_even_after_saving_an_svg():
    figure = new_figure(345)
    svg(figure)
    content = png(figure)
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (1200, 345)


def test_files_contain_neither_software_nor_date():
    figure = new_figure(120, "title")
    assert b"Software" not in png(figure)
    assert "<dc:date>" not in svg(figure)


def test_a_table_in_csv_format_keeps_numbers_and_names():
    content = Table(["name", "value"], [["a,b", 0.1], ['say "c"', None]]).to_csv()
    assert list(csv.reader(content.splitlines())) == [
        ["name", "value"],
        ["a,b", "0.1"],
        ['say "c"', ""],
    ]
