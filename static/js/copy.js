// What has data-copy="<selector>" copies the text of that element and says so, until another one is pressed.
let last, before;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  const from = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(from.value ?? from.textContent);
  } catch {
    const wasHidden = from.hidden;
    from.hidden = false;
    from.select?.();
    document.execCommand("copy");
    from.hidden = wasHidden;
  }
  if (last) last.textContent = before;
  [last, before] = [button, button.textContent];
  document.querySelector("#said").textContent = button.textContent = button.dataset.copied;
});
