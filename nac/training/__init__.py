"""One training job: strategy, loop, optimizer, schedules, checkpoints, summaries."""
