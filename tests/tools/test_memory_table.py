import pytest

from nac.utils.errors import InputError
from tools.memory_table import Row, batches, text


def test_a_row_is_one_of_markdown():
    row = Row(50, "--recompute", 836 * 2**20, 833 * 2**20, 55.04)
    assert text(row) == "| 50 | `--recompute` | 836 | 833 | 55.0 |"


def test_where_memory_is_not_counted_there_is_none():
    assert text(Row(8, "", 2**20, None, 1.0)) == "| 8 | | 1 | - | 1.0 |"


@pytest.mark.parametrize("pair", ["50", "50:", "50:0", "0:50", ":5", "a:b", "50:-1"])
def test_a_batch_has_a_micro_batch(pair):
    with pytest.raises(InputError, match="--batches: expected pairs such as 50:10, received"):
        list(batches([pair]))
