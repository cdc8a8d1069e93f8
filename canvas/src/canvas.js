// Ringfence canvas: Streamlit Components v2 around cytoscape. Facts come from Python, positions too;
// what the user does goes back as events, each with a number, until Python says it heard them.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";
import { bar, KEYS, legend, menu } from "./parts.js";
import { colours, paintHulls, sheet } from "./style.js";

cytoscape.use(fcose);
const instances = new WeakMap(); // root -> instance, survives re-renders
const FCOSE = { name: "fcose", animate: false, randomize: false, nodeSeparation: 75, idealEdgeLength: 95, nodeRepulsion: 9000, fit: false, quality: "proof" };
const BIG = 800, HOVER = 600, COUNTED = 45, AGAIN = 2500, TRIES = 5, SINGLE = ["expand", "expand_more", "path_from", "path_to", "note"];
const spot = n => [Math.round(n.position("x")), Math.round(n.position("y"))];

function build(root) {
  root.tabIndex = 0;
  root.setAttribute("role", "application");
  root.innerHTML = `<div class="bar"></div><canvas class="hull" aria-hidden="true"></canvas><div class="cv" aria-hidden="true"></div><div class="said" role="status" aria-live="polite"></div><div class="legend"></div><div class="menu" hidden></div>`;
  const $ = s => root.querySelector(s), cv = $(".cv"), menuBox = $(".menu");
  const cy = cytoscape({ container: cv, boxSelectionEnabled: true, minZoom: 0.03, maxZoom: 4, wheelSensitivity: 0.4 });
  const I = { cy, root, queue: [], seq: Date.now(), labels: false, held: new Map() };
  const selected = () => cy.$("node:selected").map(n => n.id());
  const tell = (action, more) => {
    I.seq = Math.max(I.seq + 1, Date.now());
    I.queue.push({ seq: I.seq, action, ids: selected(), ...more });
    I.tries = 0;
    send();
  };
  // A value that arrives while the server draws may be dropped: say it again until it was heard.
  const send = () => {
    clearTimeout(I.again);
    if (!I.queue.length || I.tries++ > TRIES) return;
    I.trigger("event", { events: [...I.queue] });
    I.again = setTimeout(send, AGAIN);
  };
  const moved = nodes => tell("move", { at: Object.fromEntries(nodes.map(n => [n.id(), spot(n)])) });
  const local = {
    fit: () => cy.animate({ fit: { eles: cy.elements(":visible"), padding: 36 }, duration: I.cfg.test ? 0 : 200 }),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
    zoomin: () => zoom(1.3), zoomout: () => zoom(1 / 1.3),
    labels: () => { I.labels = !I.labels; I.settle(); },
    clear: () => { cy.$(":selected").unselect(); cursor(null); },
    all: () => cy.nodes(":visible").select(),
    lay: () => {
      if (cy.nodes().length > I.cfg.browser_layout || I.cfg.group !== "none") return tell("arrange");
      const pinned = cy.nodes("[?pin]").map(n => ({ nodeId: n.id(), position: { ...n.position() } }));
      cy.nodes().unlock();
      cy.layout({ ...FCOSE, ...(pinned.length && { fixedNodeConstraint: pinned }) }).run();
      cy.nodes("[?pin]").lock();
      moved(cy.nodes()); local.fit();
    },
  };
  const zoom = by => cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cv.clientWidth / 2, y: cv.clientHeight / 2 } });
  const act = action => { root.focus({ preventScroll: true }); (local[action] || tell)(action); };
  I.bar = bar($(".bar"), act);

  // The keyboard: arrow keys walk over the nodes, Enter selects, the menu key opens the menu.
  const cursor = n => {
    cy.nodes(".cursor").removeClass("cursor");
    if (!n) return;
    n.addClass("cursor");
    $(".said").textContent = `${n.data("said")}`;
    const b = n.renderedBoundingBox();
    if (b.x1 < 0 || b.y1 < 0 || b.x2 > cv.clientWidth || b.y2 > cv.clientHeight) cy.animate({ center: { eles: n }, duration: 0 });
  };
  const walk = key => {
    const here = cy.nodes(".cursor")[0] || cy.$("node:selected:visible")[0];
    if (!here) return cursor(cy.nodes(":visible")[0]);
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key], p = here.position();
    let best, least = Infinity;
    cy.nodes(":visible").forEach(n => {
      const x = n.position("x") - p.x, y = n.position("y") - p.y, along = x * dx + y * dy, across = Math.abs(x * dy - y * dx);
      if (along > 1 && along + 2.5 * across < least) { least = along + 2.5 * across; best = n; }
    });
    if (best) cursor(best);
  };
  const openMenu = (target, x, y) => {
    const node = target?.isNode?.(), id = target?.id?.();
    const entries = (!target ? I.cfg.menu.ground : node ? (target.data("fold") ? I.cfg.menu.fold : [...(I.cfg.menu.types[target.data("type")] || []), ...I.cfg.menu.node]) : I.cfg.menu.line)
      .filter(([action]) => action !== "path_to" || (I.cfg.path_from && I.cfg.path_from !== id));
    if (node && !target.selected()) { cy.$(":selected").unselect(); target.select(); }
    const picked = action => {
      root.focus({ preventScroll: true });
      if (local[action]) return local[action]();
      const [name, ...rest] = action.split("|");
      tell(name, { ids: target ? (node && target.selected() && !SINGLE.includes(name) ? selected() : [id]) : [], ...(rest.length && { tie: rest.join("|") }) });
    };
    menu(menuBox, entries, x, y, root, picked, () => root.focus({ preventScroll: true }));
  };
  root.onkeydown = e => {
    if (e.target !== root) return;
    if (e.key.startsWith("Arrow")) { e.preventDefault(); return walk(e.key); }
    const here = cy.nodes(".cursor")[0];
    if ((e.key === "Enter" || e.key === " ") && here) {
      e.preventDefault();
      if (!e.shiftKey) cy.$(":selected").difference(here).unselect();
      return here.selected() && e.shiftKey ? here.unselect() : here.select();
    }
    if (e.key === "ContextMenu" || (e.shiftKey && e.key === "F10")) {
      e.preventDefault();
      const n = here || cy.$("node:selected")[0], p = n?.renderedPosition() || { x: 20, y: 20 };
      return openMenu(n, p.x + 10, p.y + cv.offsetTop);
    }
    const action = KEYS[(e.ctrlKey || e.metaKey ? "Ctrl+" : "") + e.key];
    if (!action || e.altKey) return;
    e.preventDefault(); e.stopPropagation();
    if (here && !selected().length && ["expand", "pin", "hide", "keep", "note"].includes(action)) return tell(action, { ids: [here.id()] });
    if (["pin", "hide", "keep", "expand", "note"].includes(action) && !selected().length) return;
    if (action === "path" && selected().length !== 2) return;
    act(action);
  };
  cv.addEventListener("mousedown", () => root.focus({ preventScroll: true }));
  cv.addEventListener("contextmenu", e => e.preventDefault());
  root.onfullscreenchange = () => setTimeout(() => { cy.resize(); local.fit(); }, 150);

  let choosing;
  cy.on("select unselect", () => {
    if (I.quiet) return;
    I.bar(I.cfg, selected().length);
    clearTimeout(choosing);
    choosing = setTimeout(() => tell("select", { ties: cy.$("edge:selected").map(x => x.id()) }), 90);
  });
  cy.on("dbltap", "node", e => { clearTimeout(choosing); tell("expand", { ids: [e.target.id()] }); });
  cy.on("dbltap", "edge", e => { clearTimeout(choosing); cy.$(":selected").unselect(); e.target.select(); });
  let dragged = cy.collection(), dropping;
  cy.on("dragfree", "node", e => {
    dragged = dragged.union(e.target);
    clearTimeout(dropping);
    dropping = setTimeout(() => { moved(dragged); dragged = cy.collection(); }, 60);
  });
  let dimmed;
  const undim = () => { if (dimmed) { dimmed = false; cy.elements(".dim,.near").removeClass("dim near"); } };
  cy.on("mouseover", "node", e => {
    if (cy.nodes().length > HOVER) return;
    dimmed = true;
    cy.batch(() => { cy.elements().addClass("dim"); e.target.closedNeighborhood().removeClass("dim").edges().addClass("near"); });
  });
  cy.on("mouseout", "node", undim); cv.addEventListener("mouseleave", undim);
  cy.on("cxttap", e => openMenu(e.target === cy ? null : e.target, e.renderedPosition.x, e.renderedPosition.y + cv.offsetTop));
  cy.on("tap pan zoom", () => (menuBox.hidden = true));
  I.toggle = type => tell("type", { type });
  cy.on("render", () => {
    const hc = $(".hull"), r = devicePixelRatio, w = cv.clientWidth * r, h = cv.clientHeight * r, g = hc.getContext("2d");
    if (hc.width !== w || hc.height !== h) { hc.width = w; hc.height = h; }
    g.clearRect(0, 0, w, h);
    if (I.cfg?.group !== "none") paintHulls(g, cy, I.cfg?.groups, I.dark, cy.zoom() * r, cy.pan().x * r, cy.pan().y * r);
  });
  // Fires when the style sheet arrives and when a hidden tab is shown; the transition when the theme changes.
  new ResizeObserver(() => I.settle?.()).observe(cv);
  root.addEventListener("transitionend", e => e.target === root && I.settle?.());
  instances.set(root, I);
  return I;
}

/** Save the picture as PNG, with the watermark that Python gave after noting the export. */
async function png(I, { name, watermark }) {
  const c = colours(I.dark), blob = await I.cy.png({ full: true, scale: 2, maxWidth: 6000, maxHeight: 6000, bg: c.ground, output: "blob-promise" });
  const image = await createImageBitmap(blob), box = I.cy.elements(":visible").boundingBox(), pad = 40, foot = 84;
  const out = Object.assign(document.createElement("canvas"), { width: image.width + 2 * pad, height: image.height + 2 * pad + foot }), g = out.getContext("2d");
  g.fillStyle = c.ground; g.fillRect(0, 0, out.width, out.height);
  const k = image.width / box.w;
  if (I.cfg.group !== "none") paintHulls(g, I.cy, I.cfg.groups, I.dark, k, pad - box.x1 * k, pad - box.y1 * k);
  g.globalCompositeOperation = I.cfg.group !== "none" ? (I.dark ? "lighten" : "multiply") : "source-over";
  g.drawImage(image, pad, pad); g.globalCompositeOperation = "source-over";
  g.fillStyle = c.text; g.globalAlpha = 0.09; g.font = "bold 44px sans-serif"; g.save();
  g.translate(out.width / 2, out.height / 2); g.rotate(-0.35); g.textAlign = "center";
  for (let y = -out.height; y < out.height; y += 240) for (let x = -out.width; x < out.width; x += 900) g.fillText(watermark[0], x, y);
  g.restore(); g.globalAlpha = 1; g.font = "20px sans-serif";
  watermark.forEach((line, i) => g.fillText(line, pad, out.height - foot + 26 + 26 * i, out.width - 2 * pad));
  const url = URL.createObjectURL(await new Promise(done => out.toBlob(done, "image/png")));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rf"), { nodes, edges, cfg } = data;
  const I = instances.get(root) || build(root), { cy } = I, cv = root.querySelector(".cv");
  const first = I.rev === undefined, place = I.rev !== cfg.rev, big = nodes.length > BIG, off = new Set(cfg.off);
  Object.assign(I, { trigger: setTriggerValue, cfg, quiet: true });
  I.queue = I.queue.filter(e => e.seq > cfg.heard);
  root.style.height = cfg.height;
  root.setAttribute("aria-label", cfg.tips.canvas);
  const want = new Set([...nodes, ...edges].map(x => x.id));
  // What is drawn as it already is costs nothing: most runs change a selection and no element.
  const same = (id, ...told) => { const text = JSON.stringify(told), was = I.held.get(id); I.held.set(id, text); return text === was; };
  const passed = new Set(cfg.path.nodes), on = new Set(cfg.path.edges);
  cy.batch(() => { // nodes that are there keep their place unless rev changed
    cy.elements().forEach(e => { if (!want.has(e.id())) { I.held.delete(e.id()); e.remove(); } });
    for (const n of nodes) {
      if (same(n.id, n, off.has(n.type), passed.has(n.id)) && !place) continue;
      const at = { x: n.x, y: n.y }, look = { pin: false, groups: [], fold: undefined, ...n, size: 24 + 16 * (n.risk || 0) + (n.fold ? 12 : 0) };
      let el = cy.getElementById(n.id);
      if (el.length) { el.data(look); if (place) el.unlock().position(at); } else el = cy.add({ group: "nodes", data: look, position: at });
      n.pin ? el.lock() : el.unlock();
      el.toggleClass("off", off.has(n.type)).toggleClass("path", passed.has(n.id));
    }
    for (const e of edges) {
      if (same(e.id, e, on.has(e.id))) continue;
      let el = cy.getElementById(e.id);
      el.length ? el.data(e) : (el = cy.add({ group: "edges", data: e }));
      el.toggleClass("path", on.has(e.id));
    }
    if (first || I.chosen !== cfg.chosen) {
      const chosen = new Set([...cfg.selection, ...cfg.ties]);
      cy.elements().forEach(e => (chosen.has(e.id()) ? e.select() : e.unselect()));
    }
  });
  Object.assign(I, { rev: cfg.rev, chosen: cfg.chosen, quiet: false });
  if (first || I.fitted !== cfg.fit) { I.fit = true; I.fitted = cfg.fit; }
  if (cfg.png && I.png !== cfg.png.token) { I.png = cfg.png.token; if (!first) png(I, cfg.png); }
  if (cfg.dialog && document.fullscreenElement) document.exitFullscreen();
  I.settle = () => { // wait for style sheet and real size
    if (!root.offsetWidth || getComputedStyle(root).position !== "relative") return;
    const size = `${cv.clientWidth} ${cv.clientHeight}`;
    if (I.size !== size) { I.size = size; cy.resize(); }
    I.dark = getComputedStyle(root).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) < 270;
    const counts = edges.length <= COUNTED, look = [I.dark, big, I.labels, counts].join();
    if (I.look !== look) { I.look = look; cy.style(sheet(big, I.dark, I.labels, counts)); }
    if (I.fit && nodes.length) { cy.fit(cy.elements(":visible"), 36); if (cy.zoom() > 1.6) { cy.zoom(1.6); cy.center(); } I.fit = false; }
    root.dataset.dark = I.dark;
    root.dataset.ready = nodes.length;
    root.dataset.heard = cfg.heard;
  };
  I.bar(cfg, cy.$("node:selected").length);
  legend(root.querySelector(".legend"), cfg, I.toggle);
  requestAnimationFrame(I.settle);
  if (cfg.test) window.__cy = cy;
  return () => {}; // the WeakMap frees the instance
}
