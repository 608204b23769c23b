// A source picture comes by file, by drop anywhere on the composer, or by paste; it is shown before it is sent.
const drop = () => document.querySelector("[data-drop]");
const isPicture = (file) => file?.type.startsWith("image/");

function show(file) {
  const preview = drop().querySelector("[data-preview]");
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(file);
  preview.hidden = false;
  drop().querySelector("[data-source-image]").value = "";
}

function take(files) {
  const picture = [...files].find(isPicture);
  if (!picture || !drop()) return false;
  const only = new DataTransfer();
  only.items.add(picture);
  drop().querySelector("[data-source]").files = only.files;
  document.querySelector('[name="mode"][value="image-to-image"]:enabled')?.click();
  show(picture);
  return true;
}

const overComposer = (event) => event.target.closest?.("[data-composer]") && event.dataTransfer?.types.includes("Files");

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-source]") && event.target.files[0]) show(event.target.files[0]);
});
document.addEventListener("paste", (event) => {
  if (take(event.clipboardData.files)) event.preventDefault();
});
document.addEventListener("dragover", (event) => {
  drop()?.classList.toggle("over", Boolean(overComposer(event)));
  if (overComposer(event)) event.preventDefault();
});
document.addEventListener("dragleave", () => drop()?.classList.remove("over"));
document.addEventListener("drop", (event) => {
  drop()?.classList.remove("over");
  if (overComposer(event) && take(event.dataTransfer.files)) event.preventDefault();
});
