// A picture of the gallery that is dragged onto the way to the studio opens the studio with it as the source.
const ways = [...document.querySelectorAll("[data-source-way]")];
let dragged;

const way = (event) => dragged && event.target.closest?.("[data-source-way]");
const mark = (name, chosen) => ways.forEach((each) => each.classList.toggle(name, chosen(each)));

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".tile > a")?.pathname.match(/\/images\/([0-9a-f-]{36})\/$/)?.[1];
  mark("ready", () => Boolean(dragged));
});
document.addEventListener("dragover", (event) => {
  mark("over", (each) => each === way(event));
  if (way(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!way(event)) return;
  event.preventDefault();
  location.assign(`${way(event).pathname}?source=${dragged}`);
});
document.addEventListener("dragend", () => {
  dragged = undefined;
  ["ready", "over"].forEach((name) => mark(name, () => false));
});
