"""Cameras: profiles at work, which picture belongs to which, calibration, drift."""
