"""Networks against each other: the jobs of a comparison, its result, and how sure it is."""
