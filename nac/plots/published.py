"""Published search cost and test error of NAC and other methods.

The numbers are from Table 1 of Kamath, Singh and Dutta, "Fast Neural Architecture Construction
using EnvelopeNets", which cites the papers of the other methods. None was measured with this
package.
"""

from dataclasses import dataclass

SOURCE = "the NAC paper's own numbers (its Table 1)"


@dataclass(frozen=True)
class Published:
    """One row of the table.

    Attributes:
        method: Name of the method.
        parameters: Number of parameters of the network, in millions.
        error: Error on the test images, in percent.
        days: Cost of the search, in GPU days.
    """

    method: str
    parameters: float
    error: float
    days: float


CIFAR10 = (
    Published("NAS-v3", 37.4, 3.65, 1800),
    Published("Block-QNN", 39.8, 3.54, 96),
    Published("AmoebaNet-B", 34.9, 2.13, 3150),
    Published("PNAS", 3.2, 3.41, 225),
    Published("ENAS", 4.6, 3.54, 0.45),
    Published("DARTS", 4.6, 2.76, 4),
    Published("NAO", 128, 2.07, 200),
    Published("NAC (128/7-6-2/6)", 10, 3.33, 0.25),
)
"""The rows for CIFAR-10."""
