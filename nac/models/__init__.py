"""Architecture -> keras.Model. Other rooms come in through :func:`build_model`."""

from nac.models.builder import build_model
from nac.models.classifier import PhotoClassifier

__all__ = ["PhotoClassifier", "build_model"]
