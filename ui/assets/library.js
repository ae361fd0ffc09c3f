// The list of articles: found, chosen, and kept as it is now. It goes on where adding.js ends.

const PAGE = 50;
const chosen = new Map(); // the ids of ticked articles, and their titles
let generation = null;
let wanted = PAGE;
let ticket = 0;

function reachable(is) {
  lost.hidden = is;
}

// Keeps what the reader looks at and works with where it is.
function put(html) {
  if (list.shown === html) return;
  const room = element.closest("#library");
  const top = room.getBoundingClientRect().top;
  const row = [...list.children].find((item) => item.dataset.id && item.getBoundingClientRect().bottom > top);
  const offset = row && room.scrollTop > list.offsetTop ? row.getBoundingClientRect().top : null;
  const active = list.contains(document.activeElement) ? document.activeElement : null;
  const focused = active?.closest("li")?.dataset.id;
  list.shown = html;
  list.innerHTML = html;
  const same = (id) => id && [...list.children].find((item) => item.dataset.id === id);
  if (offset !== null && same(row.dataset.id)) room.scrollTop += same(row.dataset.id).getBoundingClientRect().top - offset;
  if (focused) same(focused)?.querySelector(active.matches(".pick") ? ".pick" : ".card").focus({ preventScroll: true });
}

function tick() {
  for (const box of list.querySelectorAll(".pick")) box.checked = chosen.has(box.closest("li").dataset.id);
  find(".choice").hidden = !chosen.size;
  find("[data-do=limit]").textContent = chosen.size === 1 ? "Ask only this one" : `Ask only these ${chosen.size}`;
}

function offer(sources) {
  const select = finder.elements.source;
  const known = [...select.options].slice(1).map((option) => option.value);
  document.dispatchEvent(new CustomEvent("sources", { detail: sources }));
  if (JSON.stringify(known) === JSON.stringify(sources)) return;
  const current = select.value;
  select.replaceChildren(select.options[0], ...sources.map((source) => new Option(source, source)));
  select.value = sources.includes(current) ? current : "";
}

async function refresh() {
  const mine = ++ticket;
  const query = { ...Object.fromEntries(new FormData(finder)), limit: wanted };
  let found;
  try {
    found = await call("list_articles", query);
  } catch (error) {
    reachable(false);
    generation = null; // so that the next look fetches it
    return;
  }
  reachable(true);
  if (mine !== ticket) return; // something else was asked for meanwhile
  if (found.trouble) {
    tally.textContent = found.trouble;
    return;
  }
  generation = found.generation;
  element.classList.toggle("empty", found.empty);
  put(found.html);
  offer(found.sources);
  tally.textContent = found.summary;
  const more = find(".more");
  more.hidden = found.rows >= found.found;
  more.textContent = `Show ${Math.min(PAGE, found.found - found.rows)} more`;
  tick();
}

// Another tab, another person or the command line may change the articles at any time.
async function check() {
  try {
    const now = await call("article_news");
    reachable(true);
    if (now === generation) return;
    await refresh();
    document.dispatchEvent(new Event("list-changed"));
  } catch (error) {
    reachable(false);
  }
}

async function watchNews() {
  for (;;) {
    await pause(3000);
    if (!document.hidden) await check();
  }
}

let typing;
finder.addEventListener("input", (event) => {
  wanted = PAGE;
  clearTimeout(typing);
  typing = setTimeout(refresh, event.target.name === "words" ? 150 : 0);
});

list.addEventListener("change", (event) => {
  const row = event.target.closest("li");
  if (event.target.checked) chosen.set(row.dataset.id, row.querySelector(".title").textContent);
  else chosen.delete(row.dataset.id);
  tick();
});

const doing = {
  upload: () => input.click(),
  paste: (button) => open(find("#paste"), button.getAttribute("aria-expanded") === "false"),
  address: (button) => open(find("#address"), button.getAttribute("aria-expanded") === "false"),
  cancel: (button) => open(button.closest("form"), false),
  dismiss: (button) => {
    button.closest(".batch").remove();
    find("#upload").focus();
  },
  more: () => {
    wanted += PAGE;
    refresh();
  },
  reset: () => {
    finder.reset();
    wanted = PAGE;
    refresh();
    finder.elements.words.focus();
  },
  unchoose: () => {
    chosen.clear();
    tick();
    finder.elements.words.focus();
  },
  limit: () => {
    document.dispatchEvent(new CustomEvent("limit-articles", { detail: [...chosen] }));
    chosen.clear();
    tick();
  },
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
  rebuild: async (button) => {
    doing.keep(button);
    const trouble = await begin(() => call("rebuild_index"));
    if (trouble) tell(place(), trouble);
    report.scrollIntoView({ block: "nearest" });
  },
};

element.addEventListener("click", (event) => doing[event.target.closest("button")?.dataset.do]?.(event.target.closest("button")));

document.addEventListener("articles-changed", check);
document.addEventListener("add-sample", async () => {
  const trouble = await begin(() => call("add_sample"));
  if (trouble) tell(place(), trouble);
});
document.addEventListener("visibilitychange", () => document.hidden || check());

refresh();
watchNews();
