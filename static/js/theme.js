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

// What was refused is asked for again as without JavaScript, so that the page says why.
function ask(form, { name, value }) {
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  form.submit();
}

document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (submitter?.name !== "theme") return;
  event.preventDefault();
  fetch(target.action, { method: "POST", body: new FormData(target, submitter), redirect: "manual" }).then(
    ({ type }) => (type === "opaqueredirect" ? paint(submitter.value) : ask(target, submitter)),
    () => document.dispatchEvent(new Event("htmx:sendError")),
  );
});
