// Who reads here, and which conversation the address names. Gradio runs this when the page has loaded.
() => {
  // What tells this browser from others; the conversations that it began are found by it.
  const name = "article-qa.reader";
  const bytes = [...crypto.getRandomValues(new Uint8Array(24))];
  let reader = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const known = localStorage.getItem(name);
    if (/^[0-9a-f]{32,64}$/.test(known ?? "")) reader = known;
    else localStorage.setItem(name, reader);
  } catch (error) {
    console.warn("what is asked will not be found again after a reload", error);
  }
  window.articleReader = reader;
  return [{ reader, conversation: new URLSearchParams(location.hash.slice(1)).get("c") ?? "" }];
}
