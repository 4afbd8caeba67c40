// What a person sees of the page, as two texts: what is shown, and what is not.
//
// In both, U+0001 stands where a block or a line ends, and U+0002 where it cannot be said from the
// text alone whether two words stand apart. Text that a browser shows in a way of its own (the
// choices of a form) is in neither.
(() => {
  const APART = "\u0001", UNSURE = "\u0002";
  const LEAST_SIZE = 2.5;      // pixels of height under which no person reads
  const LEAST_OPACITY = 0.05;
  const SAME_COLOUR = 9;       // of 255, in each channel
  const FAR_RIGHT = 4000;      // pixels to which no person scrolls
  const NEVER_TEXT = new Set(["SCRIPT", "STYLE", "TITLE", "HEAD"]);
  const OF_FORMS = new Set(["SELECT", "TEXTAREA", "DATALIST"]);

  const colourOf = (css) => {
    const parts = css.match(/-?[\d.]+(e-?\d+)?/g);
    if (!parts) return null;
    let [r, g, b, a] = parts.map(Number);
    if (css.startsWith("color(srgb")) { r *= 255; g *= 255; b *= 255; }
    else if (!css.startsWith("rgb")) return null;
    return [r, g, b, a === undefined ? 1 : a];
  };
  const over = (top, under) =>
    [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const isSame = (x, y) => [0, 1, 2].every((i) => Math.abs(x[i] - y[i]) <= SAME_COLOUR);

  // One colour for a gradient of one colour; null for what has many or is a picture.
  const gradientColour = (image) => {
    if (!image.includes("gradient(") || image.includes("url(")) return null;
    const stops = (image.match(/rgba?\([^)]*\)/g) || []).map(colourOf);
    if (!stops.length || stops.some((s) => !s || !isSame(s, stops[0]) || s[3] < 1)) return null;
    return stops[0];
  };

  // The edges [left, top, right, bottom] that a clip-path or clip leaves of a box.
  const clipped = (style, box) => {
    const edges = [box.left, box.top, box.right, box.bottom];
    const length = (text, whole) =>
      text.endsWith("%") ? parseFloat(text) / 100 * whole : parseFloat(text) || 0;
    const path = style.clipPath;
    if (path.startsWith("inset(")) {
      const l = path.slice(6, -1).split(" round ")[0].trim().split(/\s+/);
      const [t, r, b, left] = [l[0], l[1] ?? l[0], l[2] ?? l[0], l[3] ?? l[1] ?? l[0]];
      return [box.left + length(left, box.width), box.top + length(t, box.height),
        box.right - length(r, box.width), box.bottom - length(b, box.height)];
    }
    if (/^(circle|ellipse)\(0/.test(path)) return [0, 0, 0, 0];
    if (path.startsWith("polygon(")) {
      const xs = [], ys = [];
      for (const point of path.slice(8, -1).replace(/^(evenodd|nonzero),/, "").split(",")) {
        const [x, y] = point.trim().split(/\s+/);
        xs.push(box.left + length(x, box.width)); ys.push(box.top + length(y, box.height));
      }
      return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    }
    const positioned = style.position === "absolute" || style.position === "fixed";
    if (positioned && style.clip.startsWith("rect(")) {
      const [t, r, b, l] = style.clip.slice(5, -1).split(/[,\s]+/);
      const edge = (text, from, auto) => (text === "auto" ? auto : from + parseFloat(text));
      return [edge(l, box.left, box.left), edge(t, box.top, box.top),
        edge(r, box.left, box.right), edge(b, box.top, box.bottom)];
    }
    return path !== "none" || style.clip !== "auto" ? edges : null;
  };

  const meet = (x, y) => y === null ? x : x === null ? y :
    [Math.max(x[0], y[0]), Math.max(x[1], y[1]), Math.min(x[2], y[2]), Math.min(x[3], y[3])];

  const known = new Map();
  // What holds for the text right inside of an element.
  const of = (element) => {
    let facts = known.get(element);
    if (facts) return facts;
    const parent = element.parentElement ? of(element.parentElement) : null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    facts = {
      style,
      opacity: (parent ? parent.opacity : 1) * parseFloat(style.opacity),
      background: parent ? parent.background : [255, 255, 255, 1],
      // For descendants in the flow, for positioned ones, and for fixed ones.
      clip: parent ? parent.clip : null,
      clipPositioned: parent ? parent.clipPositioned : null,
      reversed: style.unicodeBidi.includes("override") && style.direction === "rtl",
    };
    const filter = /opacity\(([\d.]+)(%?)\)/.exec(style.filter);
    if (filter) facts.opacity *= filter[1] / (filter[2] ? 100 : 1);
    if (style.position === "absolute") facts.clip = facts.clipPositioned;
    if (style.position === "fixed") facts.clip = null;
    const colour = colourOf(style.backgroundColor);
    if (colour && colour[3] > 0 && facts.background) facts.background = over(colour, facts.background);
    if (!colour) facts.background = null;
    if (colour && colour[3] === 1) facts.background = colour;
    if (style.backgroundImage !== "none") facts.background = gradientColour(style.backgroundImage);
    const root = element === document.body || element === document.documentElement;
    const block = style.display !== "inline" && style.display !== "contents";
    let own = null;
    if (block && !root && element.tagName !== "MARQUEE") {
      const x = style.overflowX, y = style.overflowY;
      const inner = [box.left + element.clientLeft, box.top + element.clientTop,
        box.left + element.clientLeft + element.clientWidth,
        box.top + element.clientTop + element.clientHeight];
      // What can be scrolled to is shown, if there is a box to scroll in.
      const cuts = (o, size) => o === "hidden" || o === "clip" || (o !== "visible" && size < 3);
      const table = /^table/.test(style.display) && style.display !== "table-cell";
      if (!table && !(element instanceof SVGElement)) {
        if (cuts(x, element.clientWidth)) own = meet(own, [inner[0], -Infinity, inner[2], Infinity]);
        if (cuts(y, element.clientHeight)) own = meet(own, [-Infinity, inner[1], Infinity, inner[3]]);
      }
    }
    const shape = clipped(style, box);
    facts.clip = meet(meet(facts.clip, own), shape);
    if (style.position !== "static" || style.transform !== "none") facts.clipPositioned = facts.clip;
    else facts.clipPositioned = meet(facts.clipPositioned, shape);
    known.set(element, facts);
    return facts;
  };

  const isLost = (facts) => {
    const fill = facts.style.webkitTextFillColor;
    const colour = colourOf(fill && fill !== "currentcolor" ? fill : facts.style.color);
    if (!colour) return false;
    const alpha = colour[3] * facts.opacity;
    if (alpha < LEAST_OPACITY) return true;
    if (facts.style.textShadow !== "none") return false;
    if (!facts.background) return false;
    return isSame(over(colour, facts.background), facts.background);
  };

  const isElementShown = (element, facts) => {
    if (facts.style.visibility !== "visible" || facts.opacity < LEAST_OPACITY) return false;
    if (facts.style.contentVisibility === "hidden") return false;
    // What has no box of its own is where its parent is.
    let box = element;
    while (box.parentElement && getComputedStyle(box).display === "contents") box = box.parentElement;
    if (!box.checkVisibility()) return false;
    if (element instanceof SVGElement) {
      if (element.closest("defs, symbol, clipPath, mask, pattern, marker")) return false;
      const fill = colourOf(facts.style.fill);
      return !(facts.style.fill === "none" && facts.style.stroke === "none") &&
        !(fill && fill[3] < LEAST_OPACITY);
    }
    return !isLost(facts);
  };

  const isRectShown = (rect, clip) => {
    if (rect.width <= 0.3 || rect.height < LEAST_SIZE) return false;
    const left = rect.left + scrollX, top = rect.top + scrollY;
    let edges = [Math.max(left, 0), Math.max(top, 0),
      Math.min(left + rect.width, FAR_RIGHT), top + rect.height];
    if (clip) edges = meet(edges, [clip[0] + scrollX, clip[1] + scrollY, clip[2] + scrollX, clip[3] + scrollY]);
    const width = Math.max(0, edges[2] - edges[0]), height = Math.max(0, edges[3] - edges[1]);
    return width * height >= 0.3 * rect.width * rect.height;
  };

  let shown = "", hidden = "";
  const both = (mark) => { shown += mark; hidden += mark; };
  const conceal = (data) => { hidden += APART + data + APART; };
  const ordered = (text, facts) => facts.reversed ? [...text].reverse().join("") : text;

  const text = (node, facts) => {
    const element = node.parentElement;
    const preserved = facts.style.whiteSpaceCollapse;
    let data = node.data;
    if (!data.trim()) { both(data.includes("\n") ? "\n" : " "); return; }
    if (/^(preserve|preserve-breaks|break-spaces)$/.test(preserved)) data = data.replace(/\n/g, APART);
    if (!isElementShown(element, facts)) { conceal(ordered(data, facts)); return; }
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()];
    const clip = facts.clip;
    if (rects.every((rect) => isRectShown(rect, clip))) {
      if (rects.length) shown += ordered(data, facts); else conceal(data);
      return;
    }
    if (!rects.some((rect) => isRectShown(rect, clip))) { conceal(ordered(data, facts)); return; }
    // In part: word by word.
    for (const piece of data.matchAll(/[\u3000-\u9fff\uf900-\uffef]|[^\s\u3000-\u9fff\uf900-\uffef]+|\s+/g)) {
      range.setStart(node, piece.index);
      range.setEnd(node, piece.index + piece[0].length);
      const pieces = [...range.getClientRects()];
      if (!piece[0].trim()) both(" ");
      else if (pieces.some((rect) => isRectShown(rect, clip))) shown += piece[0];
      else hidden += piece[0];
    }
  };

  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentElement) text(node, of(node.parentElement));
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const name = node.tagName.toUpperCase();
    if (name === "BR" || name === "HR") { both(APART); return; }
    if (name === "WBR") return;
    if (OF_FORMS.has(name) || NEVER_TEXT.has(name)) {
      if (name !== "HEAD") both(UNSURE);
      return;
    }
    if (name === "INPUT") {
      const label = /^(submit|button|reset)$/i.test(node.type);
      const box = node.getBoundingClientRect();
      both(UNSURE);
      if (label && isElementShown(node, of(node)) && isRectShown(box, of(node).clip)) {
        shown += APART + node.value + APART;
      }
      both(UNSURE);
      return;
    }
    if (name === "IMG") { both(UNSURE); return; }
    const style = of(node).style;
    if (name === "DETAILS" && !node.open) {
      // Who wants to read it opens it.
      both(APART);
      const summary = node.querySelector(":scope > summary");
      if (summary) walk(summary);
      both(APART);
      return;
    }
    const away = style.position === "absolute" || style.position === "fixed";
    const parts = style.display !== "inline" && style.display !== "contents" && style.display !== "none";
    const marks = parts ? (style.display.startsWith("inline-") ? UNSURE : APART)
      : style.textDecorationLine.includes("line-through") || name === "A" || name === "SUP" ? UNSURE : "";
    if (parts || style.display === "none") hidden += APART;
    const before = shown;
    shown += marks;
    const inside = shown.length;
    for (const child of node.childNodes) walk(child);
    if (parts || style.display === "none") hidden += APART;
    shown += marks;
    // What stands elsewhere and is not seen there parts nothing here.
    if (away && !/[^\s\u0001\u0002]/.test(shown.slice(inside))) shown = before;
  };
  if (document.documentElement) walk(document.documentElement);
  return JSON.stringify({ shown, hidden });
})()
