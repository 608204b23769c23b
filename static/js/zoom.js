// The picture comes closer by buttons, wheel, pinch and double click, and is moved by dragging it or with the arrows.
const ground = document.querySelector("[data-zoom]");
const picture = ground.querySelector("img");
const [WIDTH, HEIGHT] = ["width", "height"].map((name) => Number(picture.getAttribute(name)));
const ARROWS = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
const fingers = new Map();
let zoom = 1;
let place = [0, 0];

function show() {
  const room = [picture.offsetWidth * zoom - ground.clientWidth, picture.offsetHeight * zoom - ground.clientHeight];
  place = place.map((at, axis) => Math.min(Math.max(at, -Math.max(0, room[axis] / 2)), Math.max(0, room[axis] / 2)));
  const style = { "--zoom": zoom, "--x": `${place[0]}px`, "--y": `${place[1]}px` };
  for (const [name, value] of Object.entries(style)) picture.style.setProperty(name, value);
  ground.classList.toggle("closer", zoom > 1);
  const drawn = zoom * Math.min(picture.offsetWidth / WIDTH, picture.offsetHeight / HEIGHT);
  ground.querySelector("[data-percent]").textContent = `${Math.round(100 * drawn)} %`;
}

function scale(by, at) {
  const before = zoom;
  const box = ground.getBoundingClientRect();
  const middle = [picture.offsetLeft + picture.offsetWidth / 2, picture.offsetTop + picture.offsetHeight / 2];
  const held = at ? [at.clientX - box.left - middle[0], at.clientY - box.top - middle[1]] : [0, 0];
  zoom = by ? Math.min(Math.max(zoom * by, 1), 16) : 1;
  place = place.map((from, axis) => held[axis] - ((held[axis] - from) * zoom) / before);
  show();
}

function move(event) {
  const last = fingers.get(event.pointerId);
  if (!last) return;
  const apart = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
  if (other) scale(apart(event, other) / Math.max(1, apart(last, other)), other);
  else place = [place[0] + event.clientX - last.clientX, place[1] + event.clientY - last.clientY];
  fingers.set(event.pointerId, event);
  show();
}

ground.addEventListener("click", ({ target }) => target.closest("[data-zoom-by]") && scale(Number(target.closest("[data-zoom-by]").dataset.zoomBy)));
ground.addEventListener("dblclick", (event) => event.target === picture && scale(zoom > 1 ? 0 : 2.5, event));
ground.addEventListener("pointerdown", (event) => event.target === picture && fingers.set(event.pointerId, event));
document.addEventListener("pointermove", move);
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, (event) => fingers.delete(event.pointerId));
ground.addEventListener("wheel", (event) => {
  if (zoom === 1 && event.deltaY > 0) return;
  event.preventDefault();
  scale(Math.exp(-event.deltaY / 400), event);
}, { passive: false });
document.addEventListener("keydown", (event) => {
  const step = ARROWS[event.key];
  if (zoom === 1 || !step || event.target.closest("input, textarea, select, dialog")) return;
  event.preventDefault();
  place = place.map((at, axis) => at + step[axis]);
  show();
}, true);
for (const change of ["resize", "load"]) window.addEventListener(change, show);
show();
