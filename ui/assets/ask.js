// Gradio runs this when a question is sent: talk.js asks it, and the box is emptied.
(question) => {
  if (!question.trim()) return question;
  document.dispatchEvent(new CustomEvent("ask", { detail: { question } }));
  return "";
}
