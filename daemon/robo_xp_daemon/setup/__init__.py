"""What the daemon is told at its start: options, token, logs."""
