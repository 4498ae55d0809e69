"""Architecture -> keras.Model. Other rooms come in through :func:`build_model`."""

from nac.models.builder import build_model

__all__ = ["build_model"]
