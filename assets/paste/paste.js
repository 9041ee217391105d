// Takes a picture from the clipboard, by Ctrl+V anywhere on the page or by a button. See components/pictures.py.

const NO_PICTURE = "The clipboard holds no picture. Copy a picture or a screenshot and paste again.";

export default function ({ parentElement, data, setTriggerValue }) {
  const said = parentElement.querySelector(".said");
  parentElement.querySelector(".zone").classList.toggle("folded", Boolean(data.folded));

  const take = (blob) => {
    if (blob.size > data.maxBytes) {
      said.textContent = `That picture is ${(blob.size / 1e6).toFixed(0)} MB; at most ${data.maxBytes / 1e6} MB can be opened here.`;
      return;
    }
    said.textContent = "Pasted.";
    const reader = new FileReader();
    // once: a state would travel along with every press from then on, up to 27 MB each time
    reader.onload = () => setTriggerValue("picture", reader.result);
    reader.readAsDataURL(blob);
  };

  const onPaste = (event) => {
    const items = [...(event.clipboardData?.items ?? [])];
    const picture = items.find((item) => item.type.startsWith("image/"))?.getAsFile();
    if (picture) {
      event.preventDefault();
      take(picture);
    } else if (!event.target?.closest?.("input, textarea, [contenteditable]")) {
      said.textContent = NO_PICTURE;
    }
  };

  parentElement.querySelector("button").onclick = async () => {
    if (!navigator.clipboard?.read) {
      said.textContent = "This browser lets no button read the clipboard here. Press Ctrl+V instead.";
      return;
    }
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((t) => t.startsWith("image/"));
        if (type) return take(await item.getType(type));
      }
      said.textContent = NO_PICTURE;
    } catch {
      said.textContent = "The browser did not allow reading the clipboard. Press Ctrl+V instead, or allow it and try again.";
    }
  };

  document.addEventListener("paste", onPaste);
  return () => document.removeEventListener("paste", onPaste);
}
