"""Use cases of giveaways, from start to draw."""
