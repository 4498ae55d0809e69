"""Several workers that run the same command: who they are, and how they do each job together."""
