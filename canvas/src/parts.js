// The parts around the picture: tool bar, legend, menu. Texts enter as text, never as HTML.
import { svg, swatch, TYPES } from "./style.js";

export const ICONS = {
  undo: "M9 5L4 10l5 5M4 10h10a6 6 0 0 1 0 12", redo: "M15 5l5 5-5 5M20 10H10a6 6 0 0 0 0 12",
  expand: "M12 8v8M8 12h8M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18", path: "M5 19a2 2 0 1 1 0-.1M19 5a2 2 0 1 1 0-.1M6.5 17.5l11-11",
  pin: "M9 3h6l-1 7 4 4H6l4-4zM12 14v7", hide: "M3 3l18 18M10 6a10 10 0 0 1 11 6 14 14 0 0 1-3 4M6 7a14 14 0 0 0-3 5 10 10 0 0 0 12 5M10 10a3 3 0 0 0 4 4",
  keep: "M4 8V4h4M20 8V4h-4M4 16v4h4M20 16v4h-4M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6", show: "M3 12a10 10 0 0 1 18 0 10 10 0 0 1-18 0M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
  note: "M5 4h14v12l-4 4H5zM15 20v-4h4M8 9h8M8 13h5", lay: "M4 4h6v6H4zM14 14h6v6h-6zM10 7h7v7", fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  zoomin: "M10 4a6 6 0 1 1 0 12 6 6 0 0 1 0-12M15 15l6 6M7 10h6M10 7v6", zoomout: "M10 4a6 6 0 1 1 0 12 6 6 0 0 1 0-12M15 15l6 6M7 10h6",
  labels: "M4 7V4h16v3M12 4v16M9 20h6", png: "M12 3v12M7 11l5 5 5-5M4 20h16", full: "M3 3h7M3 3v7M21 21h-7M21 21v-7M3 3l7 7M21 21l-7-7",
};
/** Tools in the bar, in groups. */
export const TOOLS = [["undo", "redo"], ["expand", "path", "note"], ["pin", "hide", "keep", "show"], ["lay", "fit", "zoomin", "zoomout", "labels"], ["png", "full"]];
export const KEYS = {
  e: "expand", p: "pin", k: "keep", h: "hide", Delete: "hide", Backspace: "hide", n: "note", w: "path", l: "lay", f: "fit", F: "full",
  "+": "zoomin", "=": "zoomin", "-": "zoomout", t: "labels", Escape: "clear", "Ctrl+a": "all",
  "Ctrl+z": "undo", "Ctrl+y": "redo", "Ctrl+Z": "redo", "Ctrl+s": "save",
};

const made = (tag, props, ...inside) => {
  const el = Object.assign(document.createElement(tag), props);
  el.append(...inside);
  return el;
};

const SLIP = 12; // pixels

/** Let a button act on a press even where the page moves below the pointer before it is released. */
const pressed = (b, run) => {
  let at;
  b.onpointerdown = e => { at = [e.clientX, e.clientY]; b.setPointerCapture(e.pointerId); };
  b.onclick = e => {
    const slipped = at && e.detail && Math.hypot(e.clientX - at[0], e.clientY - at[1]) > SLIP;
    at = undefined;
    if (!slipped) run();
  };
};

/** Draw the bar once; returns what updates it. */
export function bar(box, act) {
  const buttons = {};
  box.setAttribute("role", "toolbar");
  for (const group of TOOLS) {
    const g = made("span", { className: "grp" });
    for (const name of group) {
      const b = made("button", { type: "button" });
      b.innerHTML = svg(ICONS[name], "currentColor", "", 16); // our own constants
      pressed(b, () => act(name));
      buttons[name] = b;
      g.append(b);
    }
    box.append(g);
  }
  const info = made("span", { className: "info" });
  info.setAttribute("role", "status");
  box.append(info);
  // One stop of the Tab key for the whole bar; arrow keys go along it.
  const order = Object.values(buttons);
  order.forEach((b, i) => (b.tabIndex = i ? -1 : 0));
  box.onkeydown = e => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key], free = order.filter(b => !b.disabled), at = free.indexOf(box.getRootNode().activeElement);
    if (e.key !== "Escape") e.stopPropagation();
    if (!step || at < 0) return;
    e.preventDefault();
    order.forEach(b => (b.tabIndex = -1));
    const next = free[(at + step + free.length) % free.length];
    next.tabIndex = 0; next.focus();
  };
  return (cfg, selected) => {
    box.setAttribute("aria-label", cfg.tips.bar);
    for (const [name, b] of Object.entries(buttons)) {
      b.title = cfg.tips[name]; b.setAttribute("aria-label", cfg.tips[name]);
      b.disabled = !({ undo: cfg.past, redo: cfg.future, show: cfg.hidden, expand: selected === 1, note: selected === 1, path: selected === 2, pin: selected, hide: selected, keep: selected }[name] ?? true);
    }
    if (order.every(b => b.tabIndex < 0 || b.disabled)) (order.find(b => !b.disabled) || order[0]).tabIndex = 0;
    info.textContent = cfg.info;
  };
}

/** Draw the legend: a switch for each type, with its count. Switches stay the same elements. */
export function legend(box, cfg, toggle) {
  box.setAttribute("role", "group"); box.setAttribute("aria-label", cfg.tips.legend);
  const old = new Map([...box.children].map(b => [b.dataset.t, b]));
  const shown = cfg.legend.map(([type, label, count]) => {
    const off = cfg.off.includes(type), b = old.get(type) || entry(type, toggle);
    b.lastChild.data = `${label} ${count}`;
    b.title = off ? cfg.tips.type_on : cfg.tips.type_off;
    b.setAttribute("aria-pressed", String(!off)); b.className = off ? "x" : "";
    return b;
  });
  old.forEach(b => shown.includes(b) || b.remove());
  shown.forEach((b, i) => { if (box.children[i] !== b) box.insertBefore(b, box.children[i] || null); });
}

const entry = (type, toggle) => {
  const b = made("button", { type: "button" }, Object.assign(new Image(), { src: swatch(TYPES[type]), alt: "" }), document.createTextNode(""));
  b.dataset.t = type;
  pressed(b, () => toggle(type));
  return b;
};

/** Open a menu at a place; `pick` gets the action. Arrow keys, Enter and Escape work in it. */
export function menu(box, entries, x, y, room, pick, close) {
  box.setAttribute("role", "menu");
  box.replaceChildren(...entries.map(([action, label]) => {
    if (action === "-") return Object.assign(made("div", { className: "sep" }), { role: "separator" });
    const b = made("button", { type: "button" }, label);
    b.setAttribute("role", "menuitem"); b.tabIndex = -1; b.dataset.a = action;
    b.onclick = () => { box.hidden = true; pick(action); };
    return b;
  }));
  box.hidden = false;
  box.style.left = Math.max(4, Math.min(x, room.clientWidth - box.offsetWidth - 6)) + "px";
  box.style.top = Math.max(4, Math.min(y, room.clientHeight - box.offsetHeight - 6)) + "px";
  const items = [...box.querySelectorAll("button")];
  items[0]?.focus();
  box.onkeydown = e => {
    const at = items.indexOf(box.getRootNode().activeElement), step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    e.stopPropagation();
    if (step) { e.preventDefault(); items[(at + step + items.length) % items.length].focus(); }
    else if (e.key === "Escape" || e.key === "Tab") { e.preventDefault(); box.hidden = true; close(); }
  };
}
