"""What needs the packages of the extra [export]."""

import importlib.util

import pytest

WITHOUT_EXTRA = any(
    importlib.util.find_spec(name) is None for name in ("onnx", "onnxruntime", "tf2onnx")
)

needs_extra = pytest.mark.skipif(WITHOUT_EXTRA, reason='needs pip install "nac[export]"')
