"""Keyboard of the rating: a digit grades the marked dimension, Enter goes on."""

from __future__ import annotations

from typing import Final

__all__ = ["KEYS_ON_LOAD"]

KEYS_ON_LOAD: Final = """
const rows = () => [...document.querySelectorAll("#rate-scores fieldset")].filter(
  (row) => row.offsetParent && row.querySelector("input[type=radio]")
);
const done = (row) => row.querySelector("input:checked");
let chosen = -1;
const active = (all) => {
  if (!all.some(done)) chosen = -1;
  if (chosen >= 0 && chosen < all.length) return chosen;
  const open = all.findIndex((row) => !done(row));
  return open < 0 ? all.length - 1 : open;
};
const mark = () => {
  const all = rows(), at = active(all);
  all.forEach((row, i) => row.classList.toggle("rate-active", i === at));
};
const press = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!element.isConnected || !element.offsetParent) return;
  const focus = event.target;
  const typing = "textarea, [contenteditable=true], input[type=text], input[type=number]";
  if (focus.closest(typing)) return;
  if (event.key === "Enter" && focus.closest("button, summary")) return;
  const all = rows(), at = active(all), digit = Number(event.key);
  if (event.key === "Enter") {
    if (!event.repeat) document.getElementById("rate-next")?.click();
  } else if (digit >= 1 && digit <= 5 && event.key !== " " && all[at]) {
    all[at].querySelectorAll("input[type=radio]")[digit - 1]?.click();
    chosen = at + 1 < all.length && done(all[at + 1]) ? at + 1 : -1;
  } else if (all.length && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    chosen = Math.max(0, Math.min(all.length - 1, at + (event.key === "ArrowUp" ? -1 : 1)));
  } else return;
  event.preventDefault();
  setTimeout(mark, 60);
};
if (window.ffRateKeys) {
  document.removeEventListener("keydown", window.ffRateKeys, true);
  clearInterval(window.ffRateMark);
}
window.ffRateKeys = press;
document.addEventListener("keydown", press, true);
window.ffRateMark = setInterval(() => { if (element.offsetParent) mark(); }, 250);
"""
"""JavaScript for `gr.HTML(js_on_load=...)`; `element` is the hint beside the grades."""
