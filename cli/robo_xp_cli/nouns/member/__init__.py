"""Members as persons."""
