// The panel beside the chat: opens articles at a quote, and removes them.
// Gradio runs this once, with `element` (the reader) and `server` (its Python functions).

const panel = element.closest("#panel");
const chat = element.closest("#desk").querySelector("#chat");
const page = element.querySelector(".page");
const narrow = window.matchMedia("(max-width: 899px)");
let opener = null;
let latest = 0;

function show(view) {
  panel.dataset.view = view;
  document.body.classList.add("panel-open");
  chat.inert = narrow.matches; // the panel lies over it
}

function close() {
  document.body.classList.remove("panel-open");
  chat.inert = false;
  if (opener?.isConnected) opener.focus();
}

function point(button) {
  document.querySelectorAll("[data-cite][aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  button?.setAttribute("aria-current", "true");
}

async function open(button) {
  const ticket = ++latest;
  opener = button;
  point(button);
  let html = '<p class="trouble">The article could not be fetched. Is the program still running?</p>';
  try {
    html = await server.open_article(button.dataset.cite);
  } catch (error) {
    console.warn("article not fetched", error);
  }
  if (ticket !== latest) return; // another one was asked for meanwhile
  page.innerHTML = html;
  show("article");
  const quoted = page.querySelector("mark.quoted");
  if (quoted) {
    quoted.tabIndex = -1;
    quoted.scrollIntoView({ block: "center" });
    quoted.focus({ preventScroll: true });
  } else {
    page.scrollTop = 0;
    page.querySelector("h2")?.focus({ preventScroll: true });
  }
}

async function remove(footer) {
  const { done, html } = await server.remove_article(footer.dataset.id);
  if (done) {
    page.innerHTML = html;
    document.dispatchEvent(new Event("articles-changed")); // library.js looks what else there is
  } else {
    footer.insertAdjacentHTML("beforeend", html);
  }
}

const doing = {
  list: () => {
    point(null);
    show("library");
  },
  close,
  doubt: (button) => {
    button.hidden = true;
    button.nextElementSibling.hidden = false;
    button.nextElementSibling.querySelector("[data-do=keep]").focus();
  },
  keep: (button) => {
    const doubt = button.closest(".doubt");
    doubt.hidden = true;
    doubt.previousElementSibling.hidden = false;
    doubt.previousElementSibling.focus();
  },
  remove: (button) => remove(button.closest("footer")),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.cite) open(button);
  else if (button.id === "to-library") {
    opener = button;
    doing.list();
  } else if (element.contains(button)) doing[button.dataset.do]?.(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && narrow.matches && document.body.classList.contains("panel-open")) close();
});

narrow.addEventListener("change", () => {
  chat.inert = narrow.matches && document.body.classList.contains("panel-open");
});

if (!narrow.matches) document.querySelector("#question textarea")?.focus();
panel.dataset.view = "library";
