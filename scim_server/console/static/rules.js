// The order of rules: a row follows the pointer that holds its grip, and the buttons move it without asking the server.
// Nothing is saved by it: the form carries the order to the page that says what it would change.
"use strict";

(() => {
  const form = document.querySelector("form.order");
  const body = form?.querySelector("tbody");
  if (!body) return;
  const before = form.elements.order.value;
  const unsaved = form.querySelector(".unsaved");
  const wasUnsaved = !unsaved.hidden;
  const rows = () => [...body.children];

  function settle(moved) {
    const now = rows();
    form.elements.order.value = now.map((row) => row.dataset.rule).join(",");
    now.forEach((row, number) => {
      row.querySelector(".place").textContent = number + 1;
      row.querySelector("[name=up]").disabled = number === 0;
      row.querySelector("[name=down]").disabled = number === now.length - 1;
    });
    unsaved.hidden = !wasUnsaved && form.elements.order.value === before;
    const said = { name: moved.dataset.name, place: now.indexOf(moved) + 1, all: now.length };
    form.querySelector(".told").textContent = form.dataset.moved.replace(/\{(\w+)\}/g, (_, part) => said[part]);
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const row = button?.closest("tr");
    if (!row) return;
    event.preventDefault();
    if (button.name === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    settle(row);
    (button.disabled ? row.querySelector("button:enabled") : button)?.focus();
  });

  body.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".grip")?.closest("tr");
    if (!row || event.button !== 0) return;
    event.preventDefault();
    row.classList.add("dragged");
    const follow = (at) => {
      const over = rows().find((each) => {
        const box = each.getBoundingClientRect();
        return each !== row && at.clientY > box.top && at.clientY < box.bottom;
      });
      if (!over) return;
      if (over.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_PRECEDING) over.after(row);
      else over.before(row);
    };
    const release = () => {
      document.removeEventListener("pointermove", follow);
      row.classList.remove("dragged");
      settle(row);
    };
    document.addEventListener("pointermove", follow);
    document.addEventListener("pointerup", release, { once: true });
    document.addEventListener("pointercancel", release, { once: true });
  });
})();
