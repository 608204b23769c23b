// The viewer of the OpenAPI document, in our theme and inside of our page.
const place = document.getElementById("swagger-ui");
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  root.classList.toggle("dark-mode", (root.dataset.bsTheme || (system.matches ? "dark" : "light")) === "dark");
}
paint();
system.addEventListener("change", paint);
new MutationObserver(paint).observe(root, { attributeFilter: ["data-bs-theme"] });

// What the viewer's own parts lack for a keyboard and a screen reader; our page has the heading already.
function accessible({ React: { createElement: make, Fragment } }) {
  const hidden = (words) => make("span", { className: "visually-hidden" }, words);
  const named = (Field) => (props) => make("label", null, hidden(props.description), make(Field, props));
  return {
    components: {
      InfoContainer: () => null,
      DeepLink: ({ text }) => text, // it stands inside of a button
    },
    wrapComponents: {
      CloseIcon: (Icon) => (props) => make(Fragment, null, hidden("Close"), make(Icon, props)),
      ExamplesSelect: (Select) => (props) => make("label", null, hidden("Example"), make(Select, props)),
      JsonSchema_boolean: named,
      JsonSchema_string: named,
      TextArea: (Area) => (props) => make(Area, { "aria-label": "Body", ...props }),
    },
  };
}

// Who is signed in has the session already, and a page cannot set its cookie: only a token is asked for.
const tokens = (all) => (...state) => all(...state)?.filter((one) => !one.has("session"));

window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  syntaxHighlight: false,
  plugins: [accessible, { statePlugins: { auth: { wrapSelectors: { definitionsToAuthorize: tokens } } } }],
  requestInterceptor: (request) => {
    if (!request.loadSpec && request.method !== "GET") request.headers["X-CSRFToken"] = place.dataset.csrf;
    return request;
  },
});
