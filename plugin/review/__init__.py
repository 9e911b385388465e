"""People look over what a batch decided: their decisions, and how far they agree with the guard."""
