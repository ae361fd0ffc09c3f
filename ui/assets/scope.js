// The limits of the search: days, sources, chosen articles. Gradio runs this once, with `element` and `server`.
// They go along with each question, as JSON, and stay in this tab when it is loaded again.

const find = (selector) => element.querySelector(selector);
const form = find("form");
const none = () => ({ since: "", until: "", sources: [], articles: [] });
const STORED = "article-qa.limits";
let { limits, titles } = before();
let given = ""; // the limits as they are sent
let ticket = 0;

const day = (date) => new Date(`${date}T00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

function before() {
  try {
    const { limits, titles } = JSON.parse(sessionStorage.getItem(STORED));
    return { limits: { ...none(), ...limits }, titles: new Map(titles) };
  } catch {
    return { limits: none(), titles: new Map() }; // nothing was stored, or storing is not allowed
  }
}

function store() {
  try {
    sessionStorage.setItem(STORED, JSON.stringify({ limits, titles: [...titles] }));
  } catch (error) {
    console.warn("the limits will be gone after a reload", error);
  }
}

// What limits there are: in words, and how each is taken away.
function chips() {
  const told = [];
  if (limits.since) told.push([`from ${day(limits.since)}`, () => (limits.since = "")]);
  if (limits.until) told.push([`to ${day(limits.until)}`, () => (limits.until = "")]);
  for (const source of limits.sources)
    told.push([source, () => (limits.sources = limits.sources.filter((other) => other !== source))]);
  const number = limits.articles.length;
  const title = titles.get(limits.articles[0]) ?? "1 chosen article";
  if (number) told.push([number === 1 ? title : `${number} chosen articles`, () => (limits.articles = [])]);
  return told;
}

function draw() {
  const told = chips();
  find(".chips").replaceChildren(
    ...told.map(([words, clear]) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      const text = document.createElement("bdi");
      button.type = "button";
      button.className = "chip";
      text.textContent = words;
      button.append(text, " ✕");
      button.setAttribute("aria-label", `Clear limit: ${words}`);
      button.addEventListener("click", () => change(clear));
      item.append(button);
      return item;
    }),
  );
  find(".limits").hidden = !told.length;
  find("[data-do=clear]").hidden = told.length < 2;
  form.elements.since.value = limits.since;
  form.elements.until.value = limits.until;
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = limits.sources.includes(box.value);
}

async function count() {
  const mine = ++ticket;
  if (find(".limits").hidden) return;
  try {
    const { count, trouble } = await server.count_within(given);
    if (mine !== ticket) return;
    const many = count === 1 ? "1 article is" : `${count?.toLocaleString("en")} articles are`;
    find(".within").textContent = trouble ?? (count ? `${many} within these limits.` : "No article is within these limits.");
    find(".within").classList.toggle("none", !count);
  } catch (error) {
    console.warn("not counted", error);
  }
}

function tell() {
  given = chips().length ? JSON.stringify(limits) : "";
  draw();
  count();
}

function change(how) {
  const inside = find(".limits").contains(document.activeElement);
  how();
  store();
  tell();
  if (inside) (find(".chip") ?? document.querySelector("#question textarea")).focus();
}

form.addEventListener("change", () =>
  change(() => {
    limits.since = form.elements.since.value;
    limits.until = form.elements.until.value;
    limits.sources = [...form.querySelectorAll("[type=checkbox]:checked")].map((box) => box.value);
  }),
);
form.addEventListener("submit", (event) => event.preventDefault());

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do === "clear") change(() => (limits = none()));
  if (button?.dataset.do !== "open") return;
  form.hidden = !form.hidden;
  button.setAttribute("aria-expanded", String(!form.hidden));
});

document.addEventListener("asking", ({ detail }) => (detail.limits = given));

document.addEventListener("limit-articles", ({ detail }) => {
  titles = new Map(detail);
  change(() => (limits.articles = [...titles.keys()]));
  if (document.body.classList.contains("panel-open") && window.matchMedia("(max-width: 899px)").matches)
    document.querySelector("#reader [data-do=close]").click();
  document.querySelector("#question textarea").focus();
});

// The sources that there are, and those that a limit names though they have gone.
document.addEventListener("sources", ({ detail }) => {
  const boxes = [...new Set([...detail, ...limits.sources])].map((source) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    const name = document.createElement("bdi");
    Object.assign(box, { type: "checkbox", value: source, checked: limits.sources.includes(source) });
    name.textContent = source;
    label.append(box, name);
    return label;
  });
  const names = (labels) => JSON.stringify([...labels].map((label) => label.textContent));
  if (names(boxes) !== names(find(".sources").children)) find(".sources").replaceChildren(...boxes);
  find("fieldset").hidden = !boxes.length;
  count(); // the articles have changed
});

tell();
