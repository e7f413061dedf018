"""From a message to an award in the vault."""
