"""Helpers that read the contents of a figure."""

import re
from xml.etree import ElementTree

from matplotlib.figure import Figure

from nac.drawing.style import DPI
from nac.plots.files import svg


def texts(figure: Figure) -> list[str]:
    """Return the texts of a figure, read from its SVG file, which must be valid XML."""
    root = ElementTree.fromstring(svg(figure))
    elements = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(element.itertext()).strip() for element in elements]


def groups(figure: Figure, pattern: str) -> list[str]:
    """Return the ids in the SVG file of a figure that match the entire pattern."""
    names = (element.get("id", "") for element in ElementTree.fromstring(svg(figure)).iter())
    return [name for name in names if re.fullmatch(pattern, name)]


def smallest_text(figure: Figure) -> float:
    """Return the size of the smallest text in pixels."""
    sizes = re.findall(r"font-size: ([0-9.]+)px", svg(figure))
    return min(map(float, sizes)) * DPI / 72
