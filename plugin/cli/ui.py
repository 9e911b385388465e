"""``facefidelity ui``: serve the page.

The command line puts every part together, so this is the one place below `ui` that names it, and
only when the command runs.
"""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

if TYPE_CHECKING:
    from ...assessor.benchmark.ratings.study import RatingStudy

__all__ = ["ui"]

_SHARE_MEANS: Final = (
    "warning: --share opens a public address for 72 hours. Everybody who has it can use this "
    "page, and every picture passes through Gradio's servers. Without --auth-file nobody is asked "
    "for a name."
)
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OPEN_MEANS: Final = (
    "warning: {host} can be reached from other machines, and nobody is asked for a name; "
    "give --auth-file, and put a proxy with TLS before it."
)

_Review: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--review",
        metavar="FOLDER",
        help="Results of restore to look over; may be given several times.",
        readable=False,
    ),
]
_Frames: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--frames",
        metavar="FOLDER",
        help="Frames of a camera that may be tuned on; may be given several times.",
        readable=False,
    ),
]
_Rate: TypeAlias = Annotated[
    Path | None,
    typer.Option("--rate", metavar="FOLDER", help="Pictures to be rated.", readable=False),
]
_Ratings: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ratings",
        metavar="CSV",
        help="Where the ratings go; ratings.csv beside the pictures by default.",
        readable=False,
    ),
]
_Scale: TypeAlias = Annotated[str, typer.Option("--rate-scale", help="1-5 or 0-100, with --rate.")]
_Dimensions: TypeAlias = Annotated[
    str,
    typer.Option("--rate-dimensions", metavar="A,B,...", help="All six where not given."),
]
_Repeats: TypeAlias = Annotated[
    float,
    typer.Option("--rate-repeats", min=0, max=1, help="Share of pictures shown twice."),
]
_Seed: TypeAlias = Annotated[int, typer.Option("--rate-seed", min=0, help="Of every order.")]


_Host: TypeAlias = Annotated[str, typer.Option("--host", help="Address to listen on.")]
_Port: TypeAlias = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")
]
_AuthFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--auth-file",
        metavar="FILE",
        help="Who may use it: name:password lines, readable by its owner only.",
        readable=False,
    ),
]
_MaxUpload: TypeAlias = Annotated[
    int, typer.Option("--max-upload-mb", min=1, max=4096, metavar="N", help="Largest upload.")
]
_RootPath: TypeAlias = Annotated[
    str | None,
    typer.Option("--root-path", metavar="PATH", help="Where a proxy shows it, such as /faces."),
]
_Share: TypeAlias = Annotated[
    bool, typer.Option("--share", help="Public address by Gradio's servers: see the warning.")
]


def ui(
    host: _Host = "127.0.0.1",
    port: _Port = 7860,
    auth_file: _AuthFile = None,
    max_upload_mb: _MaxUpload = 64,
    root_path: _RootPath = None,
    review: _Review = None,
    frames: _Frames = None,
    rate: _Rate = None,
    ratings: _Ratings = None,
    rate_scale: _Scale = "1-5",
    rate_dimensions: _Dimensions = "",
    rate_repeats: _Repeats = 0.1,
    rate_seed: _Seed = 0,
    share: _Share = False,
) -> None:
    """Serve the page: inspect and compare faces, look a batch over, tune cameras, rate pictures.

    It listens on this machine only, works without a network, and deletes what was uploaded when
    the browser's tab is closed. Ctrl-C ends it.

    Example: facefidelity ui --port 8000 --auth-file logins.txt --review restored/
    """
    from ...core.errors import MissingExtra

    if find_spec("gradio") is None or find_spec("plotly") is None:
        raise MissingExtra("the page", "ui")
    from ...ui.server import PageServer, serve_page

    # What a visitor sees as "something unexpected" stands here with its traceback.
    logging.getLogger("facefidelity.ui").setLevel(logging.WARNING)
    if share:
        print(_SHARE_MEANS, file=sys.stderr)
    elif host not in _LOCAL and auth_file is None:
        print(_OPEN_MEANS.format(host=host), file=sys.stderr)
    study = _study(rate, ratings, rate_dimensions, rate_scale, rate_seed, rate_repeats)
    server = PageServer(
        host=host,
        port=port,
        logins=auth_file,
        max_upload_mb=max_upload_mb,
        root_path=root_path,
        share=share,
        review_folders=tuple(review or ()),
        study=study,
        frame_folders=tuple(frames or ()),
    )
    serve_page(server, lambda address: print(f"the page is at {address}", flush=True))


def _study(
    folder: Path | None,
    ratings: Path | None,
    dimensions: str,
    scale: str,
    seed: int,
    repeat_share: float,
) -> RatingStudy | None:
    """The pictures to be rated, None without ``--rate``."""
    from ...assessor.benchmark.ratings.study import open_study
    from ...core.errors import InvalidInput
    from ...core.scores import HEADS

    if folder is None:
        if ratings is not None:
            raise InvalidInput("expected --rate FOLDER beside --ratings, got none")
        return None
    named = tuple(one.strip() for one in dimensions.split(",") if one.strip())
    return open_study(
        folder,
        ratings,
        heads=named or HEADS,
        scale=scale,
        seed=seed,
        repeat_share=repeat_share,
    )
