"""Bootstrap intervals clustered by person: the package's own, under the name used here."""

from facefidelity.assessor.benchmark.evaluation.bootstrap import with_interval

__all__ = ["with_interval"]
