"""Write nac/data/digits.npz from scikit-learn's copy of UCI's handwritten digits.

python tools/make_digits.py
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).resolve().parent.parent / "nac" / "data" / "digits.npz"


def main() -> None:
    """Write images, (1797, 8, 8) with values 0 to 16, and labels, both as unsigned bytes."""
    digits = load_digits()
    np.savez_compressed(
        TARGET,
        images=digits.images.astype(np.uint8),
        labels=digits.target.astype(np.uint8),
    )
    print(f"wrote {TARGET}, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
