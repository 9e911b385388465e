"""What users plug in: the pipeline, the command line and the adapters."""
