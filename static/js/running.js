// What is being made is asked for again and again: never under a pressed button or for a row that is gone, and without
// a jump of its shimmer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const isPoll = event.detail.requestConfig.verb === "get";
  const isLate = !event.detail.requestConfig.elt.isConnected;
  if (isPoll && (isLate || event.detail.target.matches(":active"))) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSwap", () => {
  for (const shimmer of document.getAnimations()) {
    if (shimmer.animationName === "breathe") shimmer.startTime = 0;
  }
});
