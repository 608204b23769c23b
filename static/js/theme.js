// A theme is put on where one stands, so that nothing written is lost; without JavaScript the page comes again in it.
function paint(theme) {
  const root = document.documentElement;
  if (theme === "system") root.removeAttribute("data-bs-theme");
  else root.dataset.bsTheme = theme;
  document.querySelector('meta[name="color-scheme"]').content = theme === "system" ? "light dark" : theme;
  for (const button of document.querySelectorAll('button[name="theme"]')) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  const paper = getComputedStyle(document.body).backgroundColor;
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.content = paper;
}

document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (submitter?.name !== "theme") return;
  event.preventDefault();
  fetch(target.action, { method: "POST", body: new FormData(target, submitter), redirect: "manual" })
    .then(() => paint(submitter.value), () => target.submit());
});
