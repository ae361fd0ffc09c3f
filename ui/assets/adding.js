// Adding articles: files, texts, addresses. Gradio runs this once, and library.js behind it as one script, with
// `element`, `server` (its Python functions) and `props`. All HTML that is put in comes escaped from the
// server; what is written here is plain text.

const panel = element.closest("#panel");
const find = (selector) => element.querySelector(selector);
const [list, report, finder, tally, lost] = ["#list", "#report", "#finder", "#tally", "#lost"].map(find);
const input = find("input[type=file]");
const pause = (time) => new Promise((next) => setTimeout(next, time));

// Where the program is gone, Gradio gives nothing instead of failing.
async function call(name, given = null) {
  const answer = await server[name](given);
  if (answer === undefined) throw new Error(`no answer from ${name}`);
  return answer;
}

const running = new Map(); // the key of each batch that goes on, and where it is shown

function show(place, html) {
  const active = place.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = place.querySelector(".items")?.scrollTop ?? 0;
  if (place.shown === html) return;
  place.shown = html;
  place.innerHTML = html;
  const items = place.querySelector(".items");
  if (items) items.scrollTop = scrolled;
  const same = active?.dataset.cite ? `[data-cite="${CSS.escape(active.dataset.cite)}"]` : ".items";
  if (active) place.querySelector(same)?.focus({ preventScroll: true });
}

function place() {
  for (const old of report.querySelectorAll(".batch[data-over]")) old.remove();
  const section = document.createElement("section");
  section.className = "batch";
  report.prepend(section);
  return section;
}

function tell(section, words) {
  const note = document.createElement("p");
  note.className = "trouble";
  note.setAttribute("role", "alert");
  note.textContent = words;
  section.replaceChildren(note);
  section.dataset.over = "";
}

async function begin(what, section = place()) {
  let begun;
  try {
    begun = await what();
  } catch (error) {
    begun = { trouble: "Nothing was added: the program cannot be reached. Is it still running?" };
    console.warn(error);
  }
  if (begun.trouble) {
    section.remove();
    return begun.trouble;
  }
  show(section, begun.html);
  running.set(begun.key, section);
  if (running.size === 1) follow();
  return "";
}

async function follow() {
  while (running.size) {
    await pause(400);
    for (const [key, section] of [...running]) {
      try {
        const { html, done } = await call("progress_of", key);
        show(section, html);
        if (!done) continue;
        running.delete(key);
        section.dataset.over = "";
      } catch (error) {
        reachable(false);
        await pause(3000);
      }
    }
    check();
  }
}

function send(files, told) {
  const body = new FormData();
  for (const file of files) body.append("files", file);
  const root = (window.gradio_config?.root ?? "").replace(/\/$/, "");
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${root}${window.gradio_config?.api_prefix ?? "/gradio_api"}/upload`);
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onerror = () => fail(new Error("the upload broke off. Is the program still running?"));
    request.onload = () => {
      if (request.status === 200) return done(JSON.parse(request.responseText));
      let detail = request.status === 413 ? "the files are too large together. Upload fewer at once" : request.statusText;
      try {
        detail = JSON.parse(request.responseText).detail || detail;
      } catch {} // not every server in between answers in JSON
      fail(new Error(String(detail)));
    };
    request.send(body);
  });
}

async function add(files) {
  const limit = `has more than ${props.max_bytes / 1e6} MB. Raise --max-file-mb to allow it`;
  const many = `${props.max_files} files are the most at once. Upload it in another go`;
  const refused = [...files].filter((file) => file.size > props.max_bytes).map((file) => [file.name, limit]);
  const fit = [...files].filter((file) => file.size <= props.max_bytes);
  refused.push(...fit.splice(props.max_files).map((file) => [file.name, many]));
  if (!fit.length && !refused.length) return;
  const section = place();
  const noun = fit.length === 1 ? "1 file" : `${fit.length} files`;
  const sent = (share) => {
    section.innerHTML = '<div class="head"><p class="note"></p></div><progress max="1" aria-label="Sending"></progress>';
    section.querySelector(".note").textContent = `Sending ${noun} …`;
    section.querySelector("progress").value = share;
  };
  let paths = [];
  if (fit.length) {
    sent(0);
    try {
      paths = await send(fit, sent);
    } catch (error) {
      tell(section, `Nothing was uploaded: ${error.message}.`);
      return;
    }
  }
  const trouble = await begin(() => call("add_files", { paths, refused: refused.slice(0, 500) }), section);
  if (trouble) tell(place(), trouble);
}

function open(form, isOpen) {
  for (const other of [find("#paste"), find("#address")]) {
    other.hidden = other !== form || !isOpen;
    find(`[aria-controls=${other.id}]`).setAttribute("aria-expanded", String(!other.hidden));
  }
  if (isOpen) form.querySelector("textarea").focus();
  else find(`[aria-controls=${form.id}]`).focus();
}

async function submit(form, what) {
  const said = form.querySelector(".trouble");
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  const trouble = await begin(what);
  button.disabled = false;
  said.hidden = !trouble;
  said.textContent = trouble;
  if (trouble) return;
  form.reset();
  open(form, false);
}

const submitting = {
  paste: (form) => call("add_text", Object.fromEntries(new FormData(form))),
  address: (form) => call("add_addresses", form.elements.addresses.value),
};

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (submitting[form.id]) submit(form, () => submitting[form.id](form));
});

element.addEventListener("keydown", (event) => {
  const form = event.target.closest(".entry");
  if (event.key !== "Escape" || !form) return;
  event.stopPropagation();
  open(form, false);
});

input.addEventListener("change", () => {
  add(input.files);
  input.value = "";
});

// Files can be dropped anywhere on the panel, folders as well; what falls beside it must not replace the page.
const dropped = (event) => [...(event.dataTransfer?.types ?? [])].some((type) => ["Files", "text/uri-list"].includes(type));

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return (await Promise.all(inside.map(filesOf))).flat();
    inside.push(...some);
  }
}

document.addEventListener("dragover", (event) => {
  if (!dropped(event) || event.target.closest("input, textarea")) return;
  event.preventDefault();
  const here = panel.contains(event.target);
  event.dataTransfer.dropEffect = here ? "copy" : "none";
  panel.classList.toggle("drop", here);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) panel.classList.remove("drop");
});
document.addEventListener("drop", async (event) => {
  if (!dropped(event) || event.target.closest("input, textarea")) return;
  event.preventDefault();
  panel.classList.remove("drop");
  if (!panel.contains(event.target)) return;
  document.querySelector("#to-library").click();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const address = event.dataTransfer.getData("text/uri-list");
  if (entries.some((entry) => entry.isDirectory)) add((await Promise.all(entries.map(filesOf))).flat());
  else if (event.dataTransfer.files.length) add(event.dataTransfer.files);
  else if (address) {
    open(find("#address"), true);
    find("#address textarea").value = address;
  }
});

