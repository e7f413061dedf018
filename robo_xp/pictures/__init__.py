"""Rank cards and plots: views in, bytes of a picture out.

Typst, of the extra ``cards``, draws them in a process of its own: a template that never ends, or
eats memory, is killed and holds nothing else up.
"""
