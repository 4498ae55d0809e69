"""With which versions a run goes on."""

import pytest

from nac.runs import versions
from nac.runs.versions import check_versions, keep_versions, read_versions
from nac.utils.errors import NacError

NOW = {"python": "3.11.7", "nac": "0.1.0", "tensorflow": "2.21.0", "keras": "3.15.1"}
NEXT = NOW | {"tensorflow": "2.22.0"}


@pytest.fixture
def installed(monkeypatch):
    def install(found):
        monkeypatch.setattr(versions, "installed_versions", lambda: found)

    install(NOW)
    return install


def test_the_same_versions_go_on_in_silence(installed, tmp_path):
    keep_versions(tmp_path)
    assert check_versions(tmp_path, allowed=False) is None


def test_another_version_is_refused_with_the_flag_that_allows_it(installed, tmp_path):
    keep_versions(tmp_path)
    installed(NEXT)
    with pytest.raises(NacError) as error:
        check_versions(tmp_path, allowed=False)
    assert str(error.value) == (
        f"{tmp_path}: was worked on with other versions: tensorflow 2.21.0 -> 2.22.0. What it"
        " computes from here on may differ from what it would have computed; --allow_other_versions"
        " continues it nevertheless"
    )


def test_another_version_that_is_allowed_is_said_and_asked_once(installed, tmp_path):
    keep_versions(tmp_path)
    installed(NEXT)
    assert "tensorflow 2.21.0 -> 2.22.0" in check_versions(tmp_path, allowed=True)
    assert check_versions(tmp_path, allowed=False) is None
    assert read_versions(tmp_path).begun == NOW
    assert read_versions(tmp_path).newest == NEXT


def test_another_python_computes_the_same(installed, tmp_path):
    keep_versions(tmp_path)
    installed(NOW | {"python": "3.12.1"})
    assert check_versions(tmp_path, allowed=False) is None


def test_an_older_run_has_its_versions_in_comments(installed, tmp_path):
    lines = [f"# {name} {version}\n" for name, version in NEXT.items()]
    (tmp_path / "experiment.yaml").write_text("# Settings.\n" + "".join(lines) + "steps: 3\n")
    with pytest.raises(NacError, match=r"tensorflow 2\.22\.0 -> 2\.21\.0\."):
        check_versions(tmp_path, allowed=False)
