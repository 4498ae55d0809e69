"""One training job: strategy, loop, optimiser, schedules, checkpoints, summaries."""
