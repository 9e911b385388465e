"""The Gradio page: thin over the Python API, with no decision of its own."""
