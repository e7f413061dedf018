"""From a click on Enter to its answer."""
