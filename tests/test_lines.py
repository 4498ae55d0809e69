"""docs/lines.md counts right."""

import re

from tests.experiments import ROOT

TEXT = (ROOT / "docs/lines.md").read_text(encoding="utf-8")


def test_the_table_has_the_number_of_lines_of_each_program():
    programs = dict(re.findall(r"## (.*?)\n\n```\w+\n(.*?)```", TEXT, re.DOTALL))
    counts = {
        title: sum(bool(line.strip()) for line in program.splitlines())
        for title, program in programs.items()
    }
    rows = re.findall(r"^\| ([a-zA-Z, -]+) \| (\d+) \|", TEXT, re.MULTILINE)
    assert {title: int(number) for title, number in rows} == counts
    assert len(rows) == 4
