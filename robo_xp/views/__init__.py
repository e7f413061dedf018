"""What results look like in JSON: the only shapes, for command line, HTTP, pages and cards alike.

A view is made of a result and says nothing that the result does not. Percentages are rounded here
and nowhere else; an instant that never was is 0; a name that nobody knows is left out.
"""
