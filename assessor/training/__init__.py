"""Trains SFIQA-Assessor on simulated cameras and exports it to ONNX; needs the extra `train`."""
