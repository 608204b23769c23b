// A chain is ordered by dragging its rows or with their buttons; the numbers tell the order to the server.
const group = document.getElementById("links-group");
let held = null;

function rows() {
  return [...group.querySelectorAll("tr.form-row:not(.empty-form)")];
}

function number() {
  let place = 0;
  for (const row of rows()) {
    if (row.querySelector("select").value) row.querySelector("[name$=-position]").value = ++place;
  }
}

function move(row, steps) {
  const all = rows();
  const other = all[all.indexOf(row) + steps];
  if (steps < 0) other?.before(row);
  else other?.after(row);
  number();
}

function show() {
  for (const buttons of group.querySelectorAll(".chain-move[hidden]")) buttons.hidden = false;
}

group?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  move(button.closest("tr"), Number(button.dataset.move));
  button.focus();
});

group?.addEventListener("change", (event) => event.target.matches("select") && number());

group?.addEventListener("dragstart", (event) => {
  held = event.target.closest(".chain-grip")?.closest("tr");
  if (held) event.dataTransfer.setDragImage(held, 0, 0);
});

group?.addEventListener("dragover", (event) => {
  const row = event.target.closest("tr.form-row:not(.empty-form)");
  if (!held || !row) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  if (row !== held) row[event.clientY < box.top + box.height / 2 ? "before" : "after"](held);
});

group?.addEventListener("dragend", () => {
  if (held) number();
  held = null;
});

document.addEventListener("formset:added", show);
if (group) show();
