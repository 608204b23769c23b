// A source picture comes by file, by drop of a file or a picture of ours, by paste or from the picker; it is shown first.
const drop = () => document.querySelector("[data-drop]");

function show(address, id) {
  const preview = drop().querySelector("[data-preview]");
  URL.revokeObjectURL(preview.src);
  preview.src = address;
  preview.hidden = false;
  drop().querySelector("[data-source-image]").value = id;
  document.querySelector('[name="mode"][value="image-to-image"]:enabled')?.click();
}

function take(files) {
  const picture = [...files].find((file) => file.type.startsWith("image/"));
  if (!picture || !drop()) return false;
  const only = new DataTransfer();
  only.items.add(picture);
  drop().querySelector("[data-source]").files = only.files;
  show(URL.createObjectURL(picture), "");
  return true;
}

function use(id) {
  if (!id || !drop()) return false;
  drop().querySelector("[data-source]").value = "";
  show(drop().dataset.thumbnail.replace(/0{8}-[0-]+/, id), id);
  return true;
}

function ours(event) {
  const address = event.dataTransfer.getData("text/uri-list").split("\n")[0];
  return address.startsWith(location.origin) ? address.match(/\/images\/([0-9a-f-]{36})\//)?.[1] : undefined;
}

const carries = (event) => ["Files", "text/uri-list"].some((type) => event.dataTransfer?.types.includes(type));
const overComposer = (event) => event.target.closest?.("[data-composer]") && carries(event);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-source]") && event.target.files[0]) show(URL.createObjectURL(event.target.files[0]), "");
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-use-source]");
  if (!link || !use(link.dataset.useSource)) return;
  event.preventDefault();
  link.closest("[popover]")?.hidePopover();
});
document.addEventListener("paste", (event) => {
  if (take(event.clipboardData.files)) event.preventDefault();
});
document.addEventListener("dragover", (event) => {
  drop()?.classList.toggle("over", Boolean(overComposer(event)));
  if (overComposer(event)) event.preventDefault();
});
for (const end of ["dragleave", "drop"]) document.addEventListener(end, () => drop()?.classList.remove("over"), true);
document.addEventListener("drop", (event) => {
  if (overComposer(event) && (use(ours(event)) || take(event.dataTransfer.files))) event.preventDefault();
});
