"""The report of a run: one HTML page that holds everything and fetches nothing."""

from .writer import ReportWriter

__all__ = ["ReportWriter"]
