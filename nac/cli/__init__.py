"""What the commands share: start, help, plugins, errors as one line, and how jobs run."""
