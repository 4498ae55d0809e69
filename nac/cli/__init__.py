"""What the commands share: start, errors as one line, and the flags of a machine."""
