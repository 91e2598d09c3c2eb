// A file can be dropped anywhere on the page that takes one, and one that is too large is refused before it is sent.
"use strict";

(() => {
  const zone = document.querySelector("[data-drop]");
  const input = zone?.querySelector("input[type=file]");
  if (!input) return;

  const mark = (isOver) => zone.classList.toggle("over", isOver);
  const brings = (event) => event.dataTransfer?.types.includes("Files");

  function measure() {
    const size = input.files[0]?.size ?? 0;
    input.setCustomValidity(size > Number(input.dataset.most) ? input.dataset.tooLarge : "");
    input.reportValidity();
  }

  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(false);
    input.files = event.dataTransfer.files;
    measure();
  });
  input.addEventListener("change", measure);
  input.form.addEventListener("submit", () => input.form.querySelector("button").setAttribute("aria-busy", "true"));
  window.addEventListener("pageshow", () => input.form.querySelector("button").removeAttribute("aria-busy"));
})();
