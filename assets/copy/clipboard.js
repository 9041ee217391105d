// Puts a text into the visitor's clipboard; a part of every component that copies.

// Whether the browser allowed it. They offer navigator.clipboard on HTTPS and localhost alone; the older way works on a
// plain address as well, but takes the selection and the focus away.
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return toClipboardTheOldWay(text);
  }
}

function toClipboardTheOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true; // no keyboard on a phone
  area.style.cssText = "position: fixed; top: 0; opacity: 0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
