// The conversation: which one is shown, what is asked in it, and keeping the newest turn in view.
// Gradio runs this once, with `element` (the conversation), `server` (its Python functions) and `props`.

const log = element.querySelector("[role=log]");
const lost = '<p class="trouble">The program cannot be reached. Is it still running?</p>';
let key = ""; // by which the server knows this page's conversation
let asked = Promise.resolve(); // the last question, once it is answered: one is asked after the other

// What tells this browser from others; the conversations that it began are found by it.
function secret() {
  const name = "article-qa.reader";
  const bytes = [...crypto.getRandomValues(new Uint8Array(24))];
  const fresh = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const known = localStorage.getItem(name);
    if (/^[0-9a-f]{32,64}$/.test(known ?? "")) return known;
    localStorage.setItem(name, fresh);
  } catch (error) {
    console.warn("what is asked will not be found again after a reload", error);
  }
  return fresh;
}
const reader = (window.articleReader = secret());

// Nothing where the program is gone.
async function call(name, given = null) {
  try {
    return (await server[name](given)) ?? null;
  } catch (error) {
    console.warn("no answer", error);
    return null;
  }
}

function belong(conversation) {
  if (conversation) log.dataset.conversation = conversation;
  else delete log.dataset.conversation;
}

async function visit(conversation) {
  const told = await call("visit", { key, reader, conversation });
  key = told?.key ?? "";
  belong(told?.conversation);
  log.innerHTML = told?.html ?? lost;
  if (told?.user) document.querySelector("#account button").title = `You are signed in as ${told.user}`;
  reveal(log.querySelector(".turn:last-child"));
}

function reveal(turn) {
  const room = element.closest("#conversation");
  turn?.scrollIntoView({ block: turn.offsetHeight > room.clientHeight ? "start" : "end" });
}

function ask(question, query = "") {
  const holder = document.createElement("template");
  holder.innerHTML = props.pending;
  const turn = holder.content.firstElementChild;
  turn.querySelector(".question").append(question);
  if (!log.querySelector(".turn")) log.replaceChildren();
  log.append(turn);
  reveal(turn);
  const asking = new CustomEvent("asking", { detail: { question, query, limits: "" } }); // scope.js adds the limits
  document.dispatchEvent(asking);
  asked = asked.then(() => follow(turn, asking.detail));
}

async function follow(turn, detail) {
  if (!turn.isConnected) return; // another conversation is shown by now
  const reply = turn.querySelector(".reply");
  const named = { reader, conversation: log.dataset.conversation ?? "" };
  let told = await call("ask_articles", { key, ...named, ...detail });
  while (told && turn.isConnected) {
    key = told.key ?? key;
    if (told.html) {
      reply.innerHTML = told.html;
      reveal(turn);
    }
    if (told.done) break;
    told = await call("look_for_more", { key, seen: told.seen });
  }
  if (!turn.isConnected) return;
  if (!told) reply.innerHTML = lost;
  if (!told?.accepted) giveBack(detail.question);
  if (!told?.conversation) return;
  if (named.conversation && named.conversation !== told.conversation) // it was deleted, and another one was begun
    log.querySelectorAll(".turn").forEach((other) => other === turn || other.querySelector(".verdict")?.remove());
  belong(told.conversation);
}

// A question that was refused goes back into its box, if nothing else stands there by now.
function giveBack(question) {
  const box = document.querySelector("#question textarea");
  if (box.value) return;
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

const doing = {
  upload: () => {
    document.querySelector("#to-library").click();
    document.querySelector("#upload").click();
  },
  sample: () => {
    document.querySelector("#to-library").click();
    document.dispatchEvent(new Event("add-sample")); // library.js adds them
  },
  edit: (button) => {
    const form = button.closest(".searched").querySelector("form");
    form.hidden = !form.hidden;
    if (!form.hidden) form.querySelector("input").select();
  },
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.ask) ask(button.dataset.ask);
  else doing[button?.dataset.do]?.(button);
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = event.target.querySelector("input").value.trim();
  if (query && event.target.dataset.question) ask(event.target.dataset.question, query);
});

document.addEventListener("ask", ({ detail }) => ask(detail.question));
document.addEventListener("visit", ({ detail }) => visit(detail.conversation));
document.addEventListener("click", (event) => {
  if (event.target.closest("#anew")) visit("");
});
document.addEventListener("list-changed", async () => {
  const html = log.querySelector(".welcome") && (await call("welcome"));
  if (html && log.querySelector(".welcome")) log.querySelector(".welcome").outerHTML = html;
});

visit(new URLSearchParams(location.hash.slice(1)).get("c") ?? "");
