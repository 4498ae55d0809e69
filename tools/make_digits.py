"""Write nac/data/digits.npz from scikit-learn's copy of the UCI handwritten digits.

Usage: pip install scikit-learn, then python tools/make_digits.py
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).resolve().parent.parent / "nac" / "data" / "digits.npz"


def main() -> None:
    """Write the images, of shape (1797, 8, 8) with values from 0 to 16, and the labels as uint8."""
    digits = load_digits()
    np.savez_compressed(
        TARGET,
        images=digits.images.astype(np.uint8),
        labels=digits.target.astype(np.uint8),
    )
    print(f"wrote {TARGET} ({TARGET.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
