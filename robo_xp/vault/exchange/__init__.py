"""From one engine to another: every line, number and record kept, and backups in one format."""
