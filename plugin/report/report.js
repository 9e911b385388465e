"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const moveDivider = (slide) => {
    const after = 100 - Number(slide.value);
    slide.parentElement.style.setProperty("--cut", `${slide.value}%`);
    slide.setAttribute("aria-valuetext", `${slide.value} % input, ${after} % after`);
  };

  const showOnly = (button) => {
    const key = button.dataset.show;
    const count = Number(button.dataset.count);
    root.dataset.show = key;
    for (const other of document.querySelectorAll(".filter")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    document.querySelector(".empty").hidden = count > 0;
    document.getElementById("shown").textContent = `Showing ${button.textContent.trim()}`;
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-slide]")) moveDivider(event.target);
  });

  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[data-pair]")) return;
    event.target.closest(".pairs").previousElementSibling.dataset.pair = event.target.value;
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".filter");
    if (button) showOnly(button);
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll(".filter")) button.disabled = false;
  });
})();
