"""Packaging of nac; the pinned versions are in constraints.txt."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "([^"]+)"$',
    (ROOT / "nac" / "__init__.py").read_text(encoding="utf-8"),
    re.MULTILINE,
).group(1)

setup(
    name="nac",
    version=VERSION,
    description="Neural architecture construction with EnvelopeNets, in TensorFlow and Keras",
    license="Apache-2.0",
    packages=find_packages(include=["nac", "nac.*"]),
    package_data={"nac": ["data/*.npz", "reporting/templates/*"]},
    python_requires=">=3.11",
    install_requires=[
        "tensorflow>=2.21",
        "tensorflow-datasets",
        "importlib_resources",
        "numpy",
        "absl-py",
        "pyyaml",
        "tensorboard",
    ],
    extras_require={
        # cuDNN 9.11 and later no longer run on the V100 (sm_70).
        "gpu": ["tensorflow[and-cuda]>=2.21", "nvidia-cudnn-cu12==9.10.2.21"],
        "export": ["onnx", "onnxruntime", "tf2onnx"],
        "report": ["matplotlib", "jinja2"],
        "test": [
            "pytest",
            "pytest-xdist",
            "hypothesis",
            "ruff",
            "scikit-learn",
            "matplotlib",
            "jinja2",
        ],
    },
    entry_points={
        "console_scripts": [
            "nac-construct = nac.construct:run",
            "nac-train = nac.train:run",
            "nac-compare = nac.compare:run",
            "nac-describe = nac.describe:run",
            "nac-evaluate = nac.evaluate:run",
            "nac-export = nac.export:run",
            "nac-figures = nac.figures:run",
            "nac-judge = nac.judge:run",
            "nac-report = nac.report:run",
            "nac-restructure = nac.restructure:run",
            "nac-prepare-data = nac.prepare_data:run",
        ],
    },
)
