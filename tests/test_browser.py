"""The browser used by the tests detects what goes wrong on a page."""

import pytest

from tests.browser import open_page

PAGE = """<!doctype html><h1 id="heading">before</h1>
<script>
document.getElementById("heading").textContent = "after";
console.error("something is wrong");
setTimeout(() => undefinedFunction(), 1000);
</script>
<img src="https://example.com/picture.png">
"""


@pytest.mark.slow
def test_it_sees_what_scripts_do_complain_of_and_ask_for(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    page = open_page((tmp_path / "page.html").as_uri(), tmp_path / "browser")
    assert '<h1 id="heading">after</h1>' in page.dom
    assert len(page.console_errors) == 2
    assert "something is wrong" in page.console_errors[0]
    assert "undefinedFunction is not defined" in page.console_errors[1]
    assert page.foreign_urls() == ["https://example.com/picture.png"]
    assert page.screenshot.read_bytes().startswith(b"\x89PNG")
