"""Writes the files that follow from the code: completions, man pages, the command reference.

``./dev python -m tools.generate`` writes them into the checkout, where they are committed.
"""
