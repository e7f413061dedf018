"""Pages of a guild for browsers: views in, HTML out.

They work without JavaScript, ask no other host for anything, and hold nothing but what they show.
"""
