"""Tuning: from a folder of one camera's frames to the settings that suit it, with the evidence."""
