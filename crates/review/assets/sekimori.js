// Keyboard shortcuts and small comforts. Every page is complete without this file.
"use strict";
(() => {
  const OFF = "sekimori-keys-off";
  const rows = () => Array.from(document.querySelectorAll(".rows tbody tr"));
  const link = (row) => row.querySelector("a.subject");
  const box = (row) => row.querySelector("input[type=checkbox]");
  const help = document.getElementById("help");

  // Remembered in the browser only: shortcuts of one key can be switched off (WCAG 2.1.4).
  const off = () => {
    try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
  };
  const toggle = document.querySelector("[data-keys]");
  if (toggle) {
    toggle.closest("p").hidden = false;
    toggle.checked = !off();
    toggle.addEventListener("change", () => {
      try { localStorage.setItem(OFF, toggle.checked ? "0" : "1"); } catch { /* not kept then */ }
    });
  }

  const current = () => {
    const row = document.activeElement && document.activeElement.closest(".rows tbody tr");
    return row || document.querySelector(".rows tbody tr:target");
  };
  const go = (step) => {
    const all = rows();
    const at = all.indexOf(current());
    const next = at < 0 ? all[0] : all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (next && link(next)) link(next).focus();
  };

  // Rows that are chosen.
  const form = document.querySelector("form[data-rows]");
  const every = document.querySelector("input[data-every]");
  const chosen = document.querySelector("[data-chosen]");
  const whole = document.querySelector("input[data-whole]");
  const count = () => {
    let n = 0;
    for (const row of rows()) {
      const b = box(row);
      if (!b) continue;
      const on = b.checked || (whole && whole.checked);
      row.classList.toggle("chosen", Boolean(on));
      if (b.checked) n += 1;
    }
    if (chosen) chosen.textContent = chosen.dataset.chosen.replace("{}", String(n));
    if (every) {
      every.checked = n > 0 && n === rows().length;
      every.indeterminate = n > 0 && n < rows().length;
    }
  };
  if (form) {
    form.addEventListener("change", count);
    if (every) {
      every.hidden = false;
      every.addEventListener("change", () => {
        for (const row of rows()) if (box(row)) box(row).checked = every.checked;
        count();
      });
    }
    count();
  }
  if (document.querySelector(".rows tbody tr:target")) {
    link(document.querySelector(".rows tbody tr:target"))?.focus({ preventScroll: true });
  }
  // The list remembers the row that was opened, so that "back" of the browser finds it as well.
  for (const row of rows()) {
    link(row)?.addEventListener("click", () => {
      if (row.id) history.replaceState(null, "", "#" + row.id);
    });
  }

  const openHelp = () => { if (help && !help.open) help.showModal(); };
  const button = document.querySelector("[data-help]");
  if (button && help) {
    button.hidden = false;
    button.addEventListener("click", openHelp);
  }

  // A form is sent once, however often it is pressed.
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (sent.dataset.sent) { event.preventDefault(); return; }
    if (sent.method === "post" && !sent.hasAttribute("data-again")) {
      sent.dataset.sent = "1";
      setTimeout(() => { delete sent.dataset.sent; }, 5000);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
    const at = event.target;
    if (at.closest("dialog")) return;
    const typing = at.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
    if (typing) return;
    const inRow = at.closest(".rows tbody tr");
    switch (event.key) {
      case "j": go(1); break;
      case "k": go(-1); break;
      // The arrows scroll, as everywhere, unless a row has the focus.
      case "ArrowDown": if (!inRow) return; go(1); break;
      case "ArrowUp": if (!inRow) return; go(-1); break;
      case "x": {
        const row = current();
        if (!row || !box(row)) return;
        box(row).checked = !box(row).checked;
        count();
        break;
      }
      case "/": {
        const field = document.querySelector("input[type=search]");
        if (!field) return;
        field.focus();
        field.select();
        break;
      }
      case "u": {
        const back = document.querySelector("a[data-back]");
        if (!back) return;
        back.click();
        break;
      }
      case "?": openHelp(); break;
      default: return;
    }
    event.preventDefault();
  });
})();
