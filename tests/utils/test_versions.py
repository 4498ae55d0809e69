"""The version of files."""

import pytest

from nac.utils.errors import InputError
from nac.utils.schema import Section
from nac.utils.versions import check_version


@pytest.mark.parametrize("content", [{}, {"version": 1}])
def test_a_file_without_a_version_is_one_of_version_1(content):
    check_version(Section(content, "a.json"), 1)


@pytest.mark.parametrize(("version", "shown"), [(2, "2"), ("1", "'1'"), (True, "True")])
def test_any_other_version_is_refused(version, shown):
    with pytest.raises(InputError) as error:
        check_version(Section({"version": version}, "a.json"), 1)
    assert str(error.value) == (
        "a.json: version: expected 1, the only one that this version of nac reads,"
        f" received {shown}"
    )
