"""The noun ``curve``: how much XP a level takes."""
