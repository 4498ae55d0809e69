"""SVG files as elements of an HTML page, several of them beside each other. Pure Python."""

import re
from html import escape

_BEFORE_ELEMENT = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
# Within a page this rule would hold for everything; the page's own style has it for figures.
_STYLE = re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_OPENING = re.compile(r"<svg\b[^>]*>")
_VIEW_BOX = re.compile(r'viewBox="([^"]*)"')
_IDENTIFIER = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(href="#|url\(#)([^")]*)')


def inline_svg(text: str, name: str, description: str) -> str:
    """Return the ``<svg>`` element of a file that matplotlib wrote.

    The element has no size of its own but a largest width, so that it follows the page.

    Args:
        text: content of the file.
        name: letters, digits and dashes, another one for each figure of a page: identifiers
            within the element begin with it.
        description: what the figure shows, for those who cannot see it.
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
