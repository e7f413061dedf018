"""The command ``doctor``: everything an operator would check by hand."""
