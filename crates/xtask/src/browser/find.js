function (how, what, having) {
  // The elements under this one that a selector or a text finds.
  const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.getClientRects().length > 0;
  // A button made of an input shows its value.
  const isButton = (element) =>
    element.tagName === "INPUT" && ["submit", "button", "reset"].includes(element.type);
  const shown = (element) =>
    plain(isButton(element) ? element.value : element.innerText ?? element.textContent);
  const mayShow = (element, text) =>
    plain(isButton(element) ? element.value : element.textContent)
      .toLowerCase().includes(text.toLowerCase());

  const all = [...this.querySelectorAll(how === "css" ? what : "*")];
  let found = all;
  if (how === "text") {
    const text = plain(what);
    const near = all.filter((element) => mayShow(element, text) && isShown(element));
    const exact = near.filter((element) => shown(element) === text);
    const some = exact.length ? exact : near.filter((element) => shown(element).includes(text));
    // Of an element and one within it, the inner one is what shows the text.
    found = some.filter((element) => !some.some((o) => o !== element && element.contains(o)));
  }
  return having === null ? found : found.filter((element) => shown(element).includes(plain(having)));
}
