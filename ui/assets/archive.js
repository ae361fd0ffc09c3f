// The conversations that are kept: their list, the address that names one, and the thumbs under answers.
// Gradio runs this once, with `element` (the list's panel) and `server` (its Python functions).

const panel = element.closest("#panel");
const room = element.closest("#desk").querySelector("#chat"); // the conversation itself may be mounted later
const seek = element.querySelector(".seek");
const rows = element.querySelector(".rows");
const told = element.querySelector(".told");
let shown = ""; // the id of the conversation on the page
let awaited = null; // the id of one that was asked for and is not there yet, "" for a new one
let place = null; // the turn and citation that a link asks for
let latest = 0;
let waiting = 0;

// talk.js knows who reads here.
const call = (name, given) => server[name]({ reader: window.articleReader, ...given });

// The address: #c=<conversation>, and with &t=<turn>&n=<citation> that citation of it -------------------------

const address = () => new URLSearchParams(location.hash.slice(1));

function name(id) {
  if (id === (address().get("c") ?? "")) return;
  const here = location.pathname + location.search;
  history[shown ? "pushState" : "replaceState"](history.state, "", id ? `#c=${id}` : here);
}

function read() {
  const wanted = address();
  awaited = wanted.get("c") ?? "";
  place = wanted.get("t") ? { turn: Number(wanted.get("t")), citation: Number(wanted.get("n") || 1) } : null;
}

function visit() {
  read();
  if (awaited && awaited === shown) arrive();
  else document.dispatchEvent(new CustomEvent("visit", { detail: { conversation: awaited } })); // talk.js shows it
}

function arrive() {
  if (!place) return;
  const turn = room.querySelector(`[data-turn="${place.turn}"]`)?.closest(".turn");
  const cited =
    turn?.querySelector(`.marker[aria-label^="Citation ${place.citation}:"]`) ??
    turn?.querySelectorAll(".cards [data-cite]")[place.citation - 1];
  place = null;
  turn?.scrollIntoView({ block: "start" });
  cited?.click();
}

function notice() {
  const id = room.querySelector("[data-conversation]")?.dataset.conversation ?? "";
  const missing = room.querySelector("[data-missing]")?.dataset.missing;
  const there = id || (missing ?? (room.querySelector(".welcome") ? "" : null));
  if (there === null) return; // the first question is being answered
  if (awaited !== null && awaited !== there) return;
  awaited = null;
  name(id);
  shown = id;
  arrive();
  if (panel.dataset.view === "archive") refreshSoon();
}

// The list ----------------------------------------------------------------------------------------------------

async function refresh() {
  const ticket = ++latest;
  const html = await call("list_conversations", { wanted: seek.value, current: shown });
  if (ticket !== latest) return;
  rows.innerHTML = html ?? '<p class="trouble">The list could not be fetched. Is the program still running?</p>';
  rows.querySelectorAll("time").forEach((time) => {
    const options = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };
    time.textContent = new Date(time.dateTime).toLocaleString("en-GB", options);
  });
}

function refreshSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 150);
}

function ask(row, part) {
  row.querySelector(".more").open = false;
  row.querySelector(part).hidden = false;
  row.querySelector(`${part} :is(input, [data-do=keep])`).focus();
}

async function save(id, form) {
  const { trouble, name, type, text } = (await call("save_conversation", { conversation: id, form })) ?? {};
  told.innerHTML = trouble ?? "";
  if (!name) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const doing = {
  open: (row) => {
    if (row.dataset.id !== shown) location.hash = `c=${row.dataset.id}`;
    if (window.matchMedia("(max-width: 899px)").matches) element.querySelector(".close").click();
  },
  rename: (row) => ask(row, ".naming"),
  doubt: (row) => ask(row, ".doubt"),
  keep: (row) => {
    row.querySelectorAll(".naming, .doubt").forEach((part) => (part.hidden = true));
    row.querySelector("summary").focus();
  },
  save: (row, button) => {
    row.querySelector(".more").open = false;
    row.querySelector("summary").focus();
    return save(row.dataset.id, button.dataset.form);
  },
  delete: async (row) => {
    told.innerHTML = (await call("delete_conversation", { conversation: row.dataset.id })) ?? "";
    await refresh();
    seek.focus();
    if (row.dataset.id === shown) document.querySelector("#anew").click();
  },
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) doing[button.dataset.do]?.(button.closest(".talk"), button);
});

element.addEventListener("submit", async (event) => {
  event.preventDefault();
  const row = event.target.closest(".talk");
  const title = event.target.elements.title.value;
  told.innerHTML = (await call("rename_conversation", { conversation: row.dataset.id, title })) ?? "";
  await refresh();
  rows.querySelector(`[data-id="${row.dataset.id}"] .card`)?.focus();
});

element.addEventListener("keydown", (event) => {
  const row = event.target.closest(".talk");
  if (event.key !== "Escape" || !row?.querySelector(".more[open], .naming:not([hidden]), .doubt:not([hidden])")) return;
  event.stopPropagation(); // it closes this, not the panel
  row.querySelector(".more").open = false;
  doing.keep(row);
});

seek.addEventListener("input", refreshSoon);
document.addEventListener("click", (event) => {
  if (event.target.closest("#to-archive")) refresh();
});

// Thumbs ------------------------------------------------------------------------------------------------------

async function judge(block, verdict, focus) {
  const note = verdict ? (block.querySelector("[name=note]")?.value ?? "") : "";
  const conversation = block.closest("[data-conversation]").dataset.conversation;
  const html = await call("judge_answer", { conversation, turn: block.dataset.turn, verdict, note });
  if (!html) return;
  const turn = block.closest(".reply");
  block.outerHTML = html;
  turn.querySelector(focus)?.focus();
}

room.addEventListener("click", (event) => {
  const thumb = event.target.closest("[data-verdict]");
  if (!thumb) return;
  const isPressed = thumb.getAttribute("aria-pressed") === "true";
  const { verdict } = thumb.dataset;
  judge(thumb.closest(".verdict"), isPressed ? "" : verdict, `[data-verdict="${verdict}"]`);
});

room.addEventListener("submit", (event) => {
  const block = event.target.closest(".verdict");
  if (!block) return;
  event.preventDefault();
  judge(block, block.querySelector('[aria-pressed="true"]').dataset.verdict, "[name=note]");
});

new MutationObserver(notice).observe(room, { childList: true, subtree: true });
window.addEventListener("hashchange", visit);
read(); // what is there first was asked for by talk.js
notice();
