"""The figures of a run, each a pure function of its data, as PNG, SVG and CSV."""
