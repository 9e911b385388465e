"""``facefidelity bench``: building, training and evaluating the assessor, one module a command."""
