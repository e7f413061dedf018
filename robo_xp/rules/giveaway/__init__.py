"""Rules of giveaways: who may enter, who wins, and the proof of it."""
