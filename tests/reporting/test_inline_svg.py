"""SVG files as elements of a page."""

import re
from xml.etree import ElementTree

from matplotlib.figure import Figure

from nac.plots.files import svg
from nac.reporting.inline_svg import inline_svg

FILE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt" viewBox="0 0 72 36">
 <metadata><rdf/></metadata>
 <defs>
  <style type="text/css">*{stroke-linejoin: round}</style>
 </defs>
 <g id="figure_1">
  <path id="m1" d="M0 0"/>
  <use xlink:href="#m1" clip-path="url(#p2)"/>
 </g>
 <defs><clipPath id="p2"/></defs>
</svg>
"""


def test_the_element_stands_alone_and_has_no_size_of_its_own():
    element = inline_svg(FILE, "a", "what it shows")
    assert element.startswith('<svg role="img" aria-label="what it shows" viewBox="0 0 72 36"')
    opening = element.partition(">")[0]
    assert " width=" not in opening
    assert "max-width:72pt" in opening


def test_rules_that_would_hold_for_the_whole_page_and_metadata_go():
    element = inline_svg(FILE, "a", "")
    assert "<style" not in element
    assert "metadata" not in element


def test_identifiers_that_are_used_begin_with_the_name_and_others_go():
    element = inline_svg(FILE, "a", "")
    assert 'id="a-m1"' in element
    assert 'href="#a-m1"' in element
    assert "url(#a-p2)" in element
    assert 'id="a-p2"' in element
    assert "figure_1" not in element


def test_the_description_is_escaped():
    assert 'aria-label="&lt;b&gt; &amp; &quot;"' in inline_svg(FILE, "a", '<b> & "')


def test_two_real_figures_share_no_identifier_and_lack_none():
    elements = []
    for name in ("one", "two"):
        figure = Figure()
        figure.subplots().plot([1, 2], [3, 4], "o")
        elements.append(inline_svg(svg(figure), name, name))
    found = [set(re.findall(r' id="([^"]*)"', element)) for element in elements]
    used = [set(re.findall(r'(?:href="#|url\(#)([^")]*)', element)) for element in elements]
    assert found[0]
    assert not found[0] & found[1]
    assert found == used
    ElementTree.fromstring(elements[0])
