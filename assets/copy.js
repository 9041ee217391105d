// Puts a text into the clipboard at a press. See components/copy.py.

const SHOWN_MS = 2000;

// Browsers offer navigator.clipboard on HTTPS and localhost alone; the older way works on a plain address as well.
const copyTheOldWay = (text) => {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
};

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
};

export default function ({ parentElement, data }) {
  const says = parentElement.querySelector("span");
  parentElement.querySelector("button").onclick = async () => {
    says.textContent = (await copy(data.text)) ? "Copied" : "The browser did not allow it";
    clearTimeout(parentElement.timer);
    parentElement.timer = setTimeout(() => (says.textContent = "Copy"), SHOWN_MS);
  };
}
