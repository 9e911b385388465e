"""How the page looks: the report's colours and type, for Gradio's parts and for our own.

The colours stand once, in the report's style sheet; this module hands them to Gradio.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import gradio as gr

from ..plugin.report.markup import static_text
from .context import REPORT_CLASS
from .uploads import UPLOAD_NAMES_SCRIPT

__all__ = ["page_head", "page_theme", "palette"]

_SANS: Final = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Helvetica Neue",
    "Noto Sans",
    "Liberation Sans",
    "Arial",
    "sans-serif",
)
_MONO: Final = (
    *("ui-monospace", "SF Mono", "Cascadia Mono", "Menlo", "Consolas"),
    *("Liberation Mono", "monospace"),
)
_ROOT: Final = re.compile(r":root \{(.*?)\}", re.DOTALL)
_COLOUR: Final = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6})")
# The report's globals: the page around Gradio is not a report.
_GLOBAL: Final = re.compile(
    r"^(?::root|html|body|\*|@media \(prefers-color-scheme|\.page-|\.columns|\.contents)"
)

# Gradio's name: colour of the report, the same name in both palettes.
_PARTS: Final = {
    "body_background_fill": "paper",
    "body_text_color": "ink",
    "body_text_color_subdued": "soft",
    "background_fill_primary": "card",
    "background_fill_secondary": "sunken",
    "border_color_primary": "rule",
    "border_color_accent": "focus",
    "color_accent_soft": "sunken",
    "link_text_color": "link",
    "link_text_color_hover": "link",
    "link_text_color_active": "link",
    "link_text_color_visited": "link",
    "block_background_fill": "card",
    "block_border_color": "rule",
    "block_label_background_fill": "card",
    "block_label_text_color": "soft",
    "block_title_text_color": "ink",
    "block_info_text_color": "soft",
    "panel_background_fill": "card",
    "panel_border_color": "rule",
    "input_background_fill": "card",
    "input_background_fill_focus": "card",
    "input_border_color": "edge",
    "input_border_color_focus": "focus",
    "input_placeholder_color": "soft",
    "slider_color": "link",
    "checkbox_background_color": "card",
    "checkbox_background_color_selected": "link",
    "checkbox_border_color": "edge",
    "checkbox_border_color_selected": "link",
    "checkbox_label_background_fill": "card",
    "checkbox_label_background_fill_selected": "sunken",
    "checkbox_label_border_color": "edge",
    "checkbox_label_border_color_selected": "ink",
    "checkbox_label_text_color": "ink",
    "checkbox_label_text_color_selected": "ink",
    "button_primary_background_fill": "link",
    "button_primary_background_fill_hover": "ink",
    "button_primary_border_color": "link",
    "button_primary_text_color": "card",
    "button_primary_text_color_hover": "card",
    "button_secondary_background_fill": "card",
    "button_secondary_background_fill_hover": "sunken",
    "button_secondary_border_color": "edge",
    "button_secondary_text_color": "ink",
    "button_secondary_text_color_hover": "ink",
    "table_text_color": "ink",
    "table_border_color": "rule",
    "table_even_background_fill": "card",
    "table_odd_background_fill": "sunken",
    "error_background_fill": "card",
    "error_border_color": "reject",
    "error_text_color": "reject",
    "error_icon_color": "reject",
    "loader_color": "link",
    "stat_background_fill": "link",
    "accordion_text_color": "ink",
}


@lru_cache(maxsize=1)
def palette() -> tuple[dict[str, str], dict[str, str]]:
    """The report's colours by name: light, dark. "edge" is the outline of what can be used."""
    light, dark = (
        dict(_COLOUR.findall(block)) for block in _ROOT.findall(static_text("report.css"))
    )
    return {**light, "edge": light["series-lq"]}, {**dark, "edge": dark["series-lq"]}


def page_theme() -> gr.themes.Base:
    """Gradio's parts in the report's colours; system fonts, so that nothing is fetched."""
    light, dark = palette()
    values = {name: light[colour] for name, colour in _PARTS.items()}
    values |= {f"{name}_dark": dark[colour] for name, colour in _PARTS.items()}
    theme = gr.themes.Base(
        font=_SANS, font_mono=_MONO, text_size="md", spacing_size="md", radius_size="md"
    )
    return theme.set(
        **values,
        input_border_width="1px",
        button_border_width="1px",
        block_shadow="none",
        block_label_shadow="none",
        button_primary_shadow="none",
        button_secondary_shadow="none",
        block_label_text_weight="600",
        block_title_text_weight="600",
        button_large_text_weight="600",
        input_shadow="none",
        input_shadow_focus="none",
        form_gap_width="0px",
    )


def page_head() -> str:
    """Style and script of the page, as elements for its head."""
    light, dark = palette()
    variables = f":root {{{_declared(light)}}}\n.dark {{{_declared(dark)}}}\n"
    scoped = f"@scope (.{REPORT_CLASS}) {{\n{_report_parts()}\n{_tuning_parts()}\n}}\n"
    sheets = (Path(__file__).with_name(name) for name in ("page.css", "desk.css", "camera.css"))
    own = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return f"<style>\n{variables}{scoped}{own}</style><script>{UPLOAD_NAMES_SCRIPT}</script>"


def _declared(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def _report_parts() -> str:
    """Rules of the report's style sheet that concern its parts, not its page."""
    return "\n".join(rule for rule in _rules(static_text("report.css")) if not _GLOBAL.match(rule))


def _tuning_parts() -> str:
    """The same of the tuning page's; its own head and main are not here."""
    rules = _rules(static_text("tuning.css"))
    return "\n".join(rule for rule in rules if not rule.startswith(("main.", ".tuning-head")))


def _rules(text: str) -> list[str]:
    """Top-level rules of a style sheet."""
    rules, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == "}" and depth == 0:
            rules.append(text[start : index + 1].strip())
            start = index + 1
    return rules
