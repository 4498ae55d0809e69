"""ONNX files, which ONNX Runtime runs. The packages of the [export] extra are imported on use."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nac.exporting.formats import FLOAT16, INT8, PRECISIONS, Format, Predict, Request
from nac.utils.records import to_json

if TYPE_CHECKING:
    import keras

QUANTIZED = ["Conv", "MatMul"]
"""Kinds of nodes that int8 computes in 8 bits."""


def write_onnx(model: "keras.Model", path: Path) -> None:
    """Write a model in float32."""
    model.export(str(path), format="onnx", verbose=False)


def write_classifier(request: Request, path: Path) -> None:
    """Write a classifier; the names of its classes are in the file's metadata properties.

    With float16, all but the standardization is computed in 16 bits. With int8, convolutions and
    matrix products are computed in 8 bits.
    """
    import onnx

    write_onnx(request.model, path)
    if request.precision == INT8:
        _quantize(path, request.model.inputs[0].name, request.images)
    model = onnx.load(path)
    if request.precision == FLOAT16:
        model = _halved(model)
    facts = to_json(request.classifier.provenance)
    properties = {"class_names": list(request.classifier.class_names), "provenance": facts}
    onnx.helper.set_model_props(
        model, {name: json.dumps(value, ensure_ascii=False) for name, value in properties.items()}
    )
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(model, path)


def _halved(model: Any) -> Any:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    # Squares of pixels nearly fill the range of float16.
    precise = [node.name for node in model.graph.node if "/standardization/" in node.name]
    return convert_float_to_float16(model, keep_io_types=True, node_block_list=precise)


def _quantize(path: Path, name: str, images: np.ndarray) -> None:
    """Replace a file by one that computes in 8 bits.

    Args:
        path: The file.
        name: Name of its input.
        images: Images that show the range of each value.
    """
    from onnxruntime.quantization import CalibrationDataReader, quantize_static

    class Images(CalibrationDataReader):
        def __init__(self):
            self._batches: Iterator[np.ndarray] = (image[np.newaxis] for image in images)

        def get_next(self):
            batch = next(self._batches, None)
            return None if batch is None else {name: batch}

    whole = path.with_name(f"{path.stem}_float32.onnx")
    path.rename(whole)
    quantize_static(whole, path, Images(), op_types_to_quantize=QUANTIZED, per_channel=True)
    whole.unlink()


def load_onnx(path: Path) -> Predict:
    """Return what an ONNX file computes, on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images})[0]


ONNX = Format(
    "model.onnx",
    write_onnx,
    load_onnx,
    packages=("onnx", "onnxruntime", "tf2onnx"),
    write_classifier=write_classifier,
    labels="in its metadata properties class_names and provenance",
    precisions=PRECISIONS,
)
