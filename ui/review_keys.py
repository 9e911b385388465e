"""Keyboard of the review: one letter for each button, silent while somebody types."""

from __future__ import annotations

from typing import Final

__all__ = ["KEYS_ON_LOAD"]

KEYS_ON_LOAD: Final = """
const buttons = {
  ArrowLeft: "review-previous", ArrowRight: "review-next", a: "review-accept",
  b: "review-blend", r: "review-reject", u: "review-withdraw",
};
const shown = { d: 0, s: 1, m: 2 };
const typing = (at) => at.closest(
  "textarea, select, [contenteditable=true], [role=listbox], " +
  "input:not([type=checkbox]):not([type=radio]):not([type=range])"
);
const moving = (at) => at.closest("[role=tab], [role=grid], table, input");
const press = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (!element.isConnected || !element.offsetParent || typing(event.target)) return;
  if (event.key.startsWith("Arrow") && moving(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in shown) {
    document.querySelectorAll("#review-shown input")[shown[key]]?.click();
  } else if (key in buttons) {
    document.getElementById(buttons[key])?.click();
  } else return;
  event.preventDefault();
};
if (window.ffReviewKeys) document.removeEventListener("keydown", window.ffReviewKeys);
window.ffReviewKeys = press;
document.addEventListener("keydown", press);
"""
"""JavaScript for `gr.HTML(js_on_load=...)`; `element` is the hint beside the buttons."""
