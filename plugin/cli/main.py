"""The command line: one Typer application, commands loaded only when they run.

Exit codes: 0 all done, 1 some inputs failed (each named on stderr), 2 wrong use.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from typing import Annotated, Final

import typer

from ... import __version__
from ...core.errors import FaceFidelityError, InvalidInput, NotRegistered
from . import (
    assess,
    bestshot,
    calibrate,
    camera_check,
    compare,
    doctor,
    journal,
    models,
    restore,
    serve,
    tune,
    ui,
    verify,
)
from .bench import app as bench

__all__ = ["app", "main", "run"]

_INTERRUPTED: Final = 130
_WRONG_USE: Final = (InvalidInput, NotRegistered)

# Typer brings its own click in newer versions and uses the package in older ones: take the root of
# its wrong-use errors from what it exports.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="facefidelity",
    help="Restore faces without losing the person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("restore")(restore.restore)
app.command("assess")(assess.assess)
app.command("bestshot")(bestshot.bestshot)
app.command("compare")(compare.compare)
app.command("tune")(tune.tune)
app.command("calibrate")(calibrate.calibrate)
app.command("camera-check")(camera_check.camera_check)
app.add_typer(journal.app, name="journal")
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")
app.command("ui")(ui.ui)
app.command("serve")(serve.serve)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"facefidelity {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log to stderr.")] = False,
) -> None:
    """Restore faces without losing the person."""
    del version
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
    if verbose:
        logging.getLogger("facefidelity").setLevel(logging.DEBUG)
        logging.getLogger().setLevel(logging.WARNING)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    if threading.active_count() > 1:
        # A restorer still hangs in native code: an orderly end would wait for it or crash in it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line in this process.

    Args:
        arguments: The words after ``facefidelity``.

    Returns:
        The exit code.
    """
    try:
        code = app(arguments, prog_name="facefidelity", standalone_mode=False)
    except _UsageError as error:
        return _complain_of_use(str(error))
    except FaceFidelityError as error:
        return _complain(str(error), 2 if isinstance(error, _WRONG_USE) else 1)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("stopped; what was written is whole", _INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        logging.getLogger(__name__).exception("unexpected failure")
        return _complain(f"unexpected {type(error).__name__}: {error} (--verbose shows where)", 1)
    if code == _INTERRUPTED:
        return _complain("stopped; what was written is whole", _INTERRUPTED)
    return int(code or 0)


def _complain_of_use(message: str) -> int:
    if "\n" in message:  # a group without a command: its help
        print(message, file=sys.stderr)
        return 2
    return _complain(f"{message} (facefidelity --help shows the commands)", 2)


def _complain(message: str, code: int) -> int:
    print("facefidelity: " + " ".join(message.split()), file=sys.stderr)
    return code
