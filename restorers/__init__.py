"""Restorers: one protocol, one file each, one registry. None knows that it is being judged."""

from .output import check_restored
from .registry import (
    DEFAULT_RESTORER,
    create_restorer,
    register_restorer,
    restorer_aliases,
    restorer_info,
    restorer_names,
)
from .settings import parse_settings

__all__ = [
    "DEFAULT_RESTORER",
    "check_restored",
    "create_restorer",
    "parse_settings",
    "register_restorer",
    "restorer_aliases",
    "restorer_info",
    "restorer_names",
]
