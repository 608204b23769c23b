// A click on the picture shows it at twice the width of the ground, another one fits it again.
document.addEventListener("click", (event) => {
  event.target.closest("[data-zoom]")?.parentElement.classList.toggle("zoomed");
});
