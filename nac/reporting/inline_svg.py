"""SVG files as elements of one HTML page. Pure Python."""

import re
from html import escape

_BEFORE_ELEMENT = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
# In a page this rule would apply to everything; the page's own style has it for figures.
_STYLE = re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_OPENING = re.compile(r"<svg\b[^>]*>")
_VIEW_BOX = re.compile(r'viewBox="([^"]*)"')
_IDENTIFIER = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(href="#|url\(#)([^")]*)')


def inline_svg(text: str, name: str, description: str) -> str:
    """Return the ``<svg>`` element of a file that matplotlib wrote.

    The element has a largest width, but no size of its own, so that it fits into a narrow page.

    Args:
        text: Content of the file.
        name: A name of letters, digits and dashes that no other figure of the page has.
            Identifiers in the element begin with it.
        description: What the figure shows, for screen readers.
    """
    text = _METADATA.sub("", _STYLE.sub("", _BEFORE_ELEMENT.sub("", text)))
    used = {match[2] for match in _REFERENCE.finditer(text)}
    text = _IDENTIFIER.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    text = _REFERENCE.sub(rf"\g<1>{name}-\g<2>", text)
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", text)
    return _OPENING.sub(lambda match: _opening(match[0], description), text, count=1).strip()


def _opening(element: str, description: str) -> str:
    box = _VIEW_BOX.search(element)[1]
    width = float(box.split()[2])
    return (
        f'<svg role="img" aria-label="{escape(description)}" viewBox="{box}"'
        f' style="max-width:{width:.0f}pt" xmlns="http://www.w3.org/2000/svg"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
