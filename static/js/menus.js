// A menu closes when the reader turns elsewhere: a click outside, or Escape.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = menu === except;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

// An open one is seen whole, and its first text field takes what is typed.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches("details:is([data-menu], .keep)[open]")) return;
  target.lastElementChild.scrollIntoView({ block: "nearest" });
  if (!matchMedia("(hover: none)").matches) target.querySelector("input:not([type]), [type=text], textarea")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-menu][open]");
  closeMenus();
  open?.querySelector("summary").focus();
});
