"""What several nouns share: members by name, settings layers, notes."""
