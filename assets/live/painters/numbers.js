// Numbers with their names, in one line: {values: {"answers/s": 12, …}}; null is shown as "–".
painter("numbers", {
  beside: (root, { values }) =>
    rows(root, "span", Object.entries(values), (span, [name, value]) => write(span, `${name} ${value ?? "–"}`)),
});
