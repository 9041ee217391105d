// Puts a text into the clipboard at a press. See components/copy.py; toClipboard is in clipboard.js.

const SHOWN_MS = 2000;

export default function ({ parentElement, data }) {
  const says = parentElement.querySelector("span");
  parentElement.querySelector("button").onclick = async () => {
    says.textContent = (await toClipboard(data.text)) ? "Copied" : "The browser did not allow it";
    clearTimeout(parentElement.timer);
    parentElement.timer = setTimeout(() => (says.textContent = "Copy"), SHOWN_MS);
  };
}
