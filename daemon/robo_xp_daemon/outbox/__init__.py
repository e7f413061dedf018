"""How all effects are carried to Discord: again and again, at its pace, and never twice."""
