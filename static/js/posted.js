// A page that shows a secret answers a form: loaded again it would send that form again and make another. From here on its
// address is the one of the page that the form stands on.
const shown = document.querySelector("[data-posted-from]");
if (shown) history.replaceState(null, "", shown.dataset.postedFrom);
