// The panel beside the chat: opens articles at a quote, and removes them.
// Gradio runs this once, with `element` (the reader) and `server` (its Python functions).

const panel = element.closest("#panel");
const chat = element.closest("#desk").querySelector("#chat");
const page = element.querySelector(".page");
const walk = element.querySelector(".walk");
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

// The citations of the answer that a button belongs to, in the order of their numbers.
function citations(button) {
  return [...(button?.closest(".turn")?.querySelectorAll(".cards [data-cite]") ?? [])];
}

function position(button) {
  return citations(button).findIndex((card) => card.dataset.cite === button.dataset.cite);
}

function tellPosition(button) {
  const at = position(button);
  walk.hidden = at < 0;
  walk.querySelector(".where").textContent = at < 0 ? "" : `${at + 1} of ${citations(button).length}`;
  walk.querySelector("[data-do=previous]").disabled = at <= 0;
  walk.querySelector("[data-do=next]").disabled = at >= citations(button).length - 1;
}

function step(by) {
  const card = citations(opener)[position(opener) + by];
  if (card) open(card);
}

// A link to this conversation at this citation; the address shows it, too.
async function copy(button) {
  const where = new URLSearchParams(location.hash.slice(1));
  const kept = opener.closest(".turn").querySelector("[data-turn]"); // questions that were refused are not
  where.set("t", kept?.dataset.turn ?? "");
  where.set("n", position(opener) + 1);
  history.replaceState(null, "", `#${where}`);
  let told = "The link is in the address bar";
  try {
    await navigator.clipboard.writeText(location.href);
    told = "Copied";
  } catch (error) {
    console.warn("no clipboard", error); // browsers have one for safe addresses only
  }
  const label = button.textContent;
  button.textContent = told;
  setTimeout(() => (button.textContent = label), 2000);
}

async function open(button) {
  const ticket = ++latest;
  opener = button;
  point(button);
  tellPosition(button);
  let html = '<p class="trouble">The article could not be fetched. Is the program still running?</p>';
  try {
    html = (await server.open_article(button.dataset.cite)) ?? html; // undefined where the program is gone
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
  archive: () => {
    point(null);
    show("archive");
  },
  close,
  previous: () => step(-1),
  next: () => step(1),
  copy,
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
  } else if (button.id === "to-archive") {
    opener = button;
    doing.archive();
  } else if (button.matches("#archive .close")) close();
  else if (element.contains(button)) doing[button.dataset.do]?.(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("panel-open")) close();
  if (!element.contains(event.target) || event.target.matches("input, textarea")) return;
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});

narrow.addEventListener("change", () => {
  chat.inert = narrow.matches && document.body.classList.contains("panel-open");
});

if (!narrow.matches) document.querySelector("#question textarea")?.focus();
panel.dataset.view = "library";
