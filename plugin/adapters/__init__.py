"""The guard in the tools that people already have, one module per host."""
