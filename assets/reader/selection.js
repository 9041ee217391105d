// What is selected in a reader's text, by the visitor or for them.

function createSelection(root, pane) {
  const selection = () => root.getSelection?.() ?? document.getSelection();

  // The visitor's selection where it lies in the text, as a Range; else null
  const range = () => {
    const selected = selection();
    if (!selected?.rangeCount) return null;
    let found = selected.getRangeAt(0);
    if (!pane.contains(found.startContainer) && selected.getComposedRanges) { // Safari hides what is in a component
      const [inside] = selected.getComposedRanges({ shadowRoots: [root] });
      found = document.createRange();
      found.setStart(inside.startContainer, inside.startOffset);
      found.setEnd(inside.endContainer, inside.endOffset);
    }
    return pane.contains(found.startContainer) && pane.contains(found.endContainer) ? found : null;
  };

  const set = ({ startContainer, startOffset, endContainer, endOffset }) =>
    selection().setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);

  const setSpans = (first, last) => {
    const focused = root.activeElement;
    selection().setBaseAndExtent(first, 0, last, last.childNodes.length);
    if (focused && focused !== pane) focused.focus({ preventScroll: true }); // Chromium moves it into the text
  };

  const clear = () => {
    if (range()) selection().removeAllRanges();
  };

  // The spans of which a part lies in the range, or around it where it is only the caret
  const spansIn = (range) => {
    if (range.collapsed) {
      const { startContainer } = range;
      const span = startContainer.nodeType === Node.TEXT_NODE ? startContainer.parentNode : startContainer;
      return span.piece === undefined ? [] : [span];
    }
    // step by step: Range.intersectsNode counts its way to each node, and there may be ten thousand
    const child = (container, offset) => {
      if (container === pane) return pane.childNodes[offset] ?? null;
      while (container.parentNode !== pane) container = container.parentNode;
      return container;
    };
    const end = child(range.endContainer, range.endOffset), found = [], probe = document.createRange();
    for (let node = child(range.startContainer, range.startOffset); node; node = node.nextSibling) {
      if (node === end && range.endContainer === pane) break;
      if (node.piece !== undefined) {
        probe.selectNodeContents(node);
        if (node.contains(range.startContainer)) probe.setStart(range.startContainer, range.startOffset);
        if (node.contains(range.endContainer)) probe.setEnd(range.endContainer, range.endOffset);
        if (probe.toString()) found.push(node); // one that ends where a word begins has none of it
      }
      if (node === end) break;
    }
    return found;
  };

  return { range, set, setSpans, clear, spansIn };
}
