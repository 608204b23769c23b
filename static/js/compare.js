// The slider says how much of the first picture lies over the second.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-split]")) return;
  event.target.closest(".compare").style.setProperty("--split", `${event.target.value}%`);
});
