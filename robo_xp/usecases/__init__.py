"""The use cases: one file for each noun. They read state, ask the rules, and write one batch."""
