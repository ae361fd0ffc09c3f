// The conversation: its example questions, its first steps, and keeping the newest turn in view.
// Gradio runs this once, with `element` (the conversation), `trigger` and `watch`.

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
  if (button?.dataset.ask) trigger("ask", { question: button.dataset.ask, query: "" });
  else doing[button?.dataset.do]?.(button);
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = event.target.querySelector("input").value.trim();
  if (query) trigger("ask", { question: event.target.dataset.question, query });
});

watch("value", () => {
  const turn = element.querySelector(".turn:last-child");
  const room = element.closest("#conversation");
  if (turn) turn.scrollIntoView({ block: turn.offsetHeight > room.clientHeight ? "start" : "end" });
});
