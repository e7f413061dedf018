"""The panel of ``/xp config``: pure views, the forms, and what a press on them does."""
