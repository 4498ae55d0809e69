"""Jobs on several machines: workers that do each job together, or a Ray cluster for many jobs."""
