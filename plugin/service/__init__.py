"""The REST service: guard, judge and scores over HTTP, for pictures that are sent to it.

It fetches nothing: there is no field that holds an address. The only package that knows HTTP.
"""

from __future__ import annotations

from .app import create_app
from .server import serve
from .service import Service
from .settings import ServiceSettings

__all__ = ["Service", "ServiceSettings", "create_app", "serve"]
