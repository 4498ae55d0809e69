"""Neural architecture construction with EnvelopeNets, in TensorFlow and Keras.

Importing this package is cheap and needs no TensorFlow: what it offers is imported when it is first
used. Once Keras is imported too, before or after, the custom layers are registered, so
``keras.models.load_model`` reads a saved network.

Example::

    constructor = nac.Constructor(budget_minutes=15)
    constructor.search("photos")  # a folder of folders of images, one per class
    constructor.fit()
    constructor.predict(["a.jpg", "b.jpg"])

``nac.run_construction`` runs an experiment file, and ``nac.load_run`` reads a run that exists. The
``nac.register_...`` functions add rankings, policies, branch types, data sets, figures and export
formats; docs/extending.md has an example of each.
"""

import importlib
from typing import TYPE_CHECKING, Any

import wrapt

if TYPE_CHECKING:
    from nac.api import (
        load_experiment,
        load_model,
        load_run,
        register_branch_type,
        register_dataset,
        register_export_format,
        register_figure,
        register_policy,
        register_ranking,
        run_construction,
    )
    from nac.constructor import Constructor
    from nac.models import build_model

__version__ = "0.1.0"

__all__ = [
    "Constructor",
    "build_model",
    "load_experiment",
    "load_model",
    "load_run",
    "register_branch_type",
    "register_dataset",
    "register_export_format",
    "register_figure",
    "register_policy",
    "register_ranking",
    "run_construction",
]

HOMES = {"build_model": "nac.models", "Constructor": "nac.constructor"}
"""Public name -> module that has it; all others are in nac.api."""

wrapt.when_imported("keras")(lambda _: importlib.import_module("nac.models"))


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'nac' has no attribute {name!r}")
    home = importlib.import_module(HOMES.get(name, "nac.api"))
    value = globals()[name] = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
