// A recipe that is pasted into the prompt, or a picture that carries one and is dropped on it, is offered to fill the form.
const RECIPE = /^Steps: ?\d|^\s*\{[^]*"prompt"/m;
const CARRIED = /Steps: ?\d|S\0t\0e\0p\0s\0|"prompt"|&quot;prompt/;

function offer(fill) {
  const sheet = document.getElementById("recipe");
  fill(sheet);
  sheet.showPopover();
  document.getElementById("recipe-fill").focus();
}

async function look(file) {
  const only = new DataTransfer();
  only.items.add(file);
  const carries = CARRIED.test(await file.slice(0, 2 ** 18).text()) || CARRIED.test(await file.slice(-(2 ** 16)).text());
  if (carries) return offer((sheet) => (sheet.querySelector("[type=file]").files = only.files));
  const source = document.querySelector("[data-source]");
  source.files = only.files;
  source.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  if (event.target.id !== "id_prompt" || !RECIPE.test(text)) return;
  offer((sheet) => (sheet.querySelector("textarea").value = text));
});
document.addEventListener("drop", (event) => {
  const file = event.dataTransfer?.files[0];
  if (!file || !event.target.closest?.("#words") || event.dataTransfer.types.includes("text/uri-list")) return;
  event.preventDefault();
  event.stopPropagation();
  look(file);
}, true);
document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.target.matches("#composer, #words")) return;
  for (const sheet of document.querySelectorAll(".sheet:popover-open")) sheet.hidePopover();
});
