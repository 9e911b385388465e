"""Guards: from evidence to a verdict."""
