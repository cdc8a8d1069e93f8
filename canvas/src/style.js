// How nodes and lines look: colour is the family, shape and icon the type.
import TYPES from "../../ringfence_canvas/types.json";

export const VERMILION = "#D55E00", SELECTED = "#E69F00";
const LIGHT_INK = ["#0072B2", "#009E73", "#D55E00", "#595959"]; // families on which a white icon reads

export const svg = (path, ink, box = "", size = 24) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="${size}" height="${size}" fill="none" stroke="${ink}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${box}<path d="${path}"/></svg>`;
const uri = text => "data:image/svg+xml," + encodeURIComponent(text);
export const icon = ([, , color, path], box) =>
  uri(svg(path, LIGHT_INK.includes(color) ? "#fff" : "#111", box));
export const swatch = look => icon(look, `<path d="M0 0h24v24H0z" fill="${look[2]}" stroke="none"/>`);
export { TYPES };

export const colours = dark => dark
  ? { ground: "#0e1117", text: "#eef1f5", faint: "#b6c0cc", line: "#8b97a8", rim: "#c9ced6" }
  : { ground: "#ffffff", text: "#1c232b", faint: "#4c5866", line: "#7d8794", rim: "#444a52" };

/** The cytoscape style sheet. `big` pictures get plain straight lines, which are drawn faster. */
export function sheet(big, dark, edgeLabels, counts) {
  const c = colours(dark);
  return [
    { selector: "node", style: {
      label: "data(caption)", "text-wrap": "wrap", width: "data(size)", height: "data(size)",
      "font-size": 10.5, "font-family": "sans-serif", color: c.text, "text-valign": "bottom", "text-margin-y": 3,
      "min-zoomed-font-size": 7, "text-outline-width": 2, "text-outline-color": c.ground,
      "background-image-containment": "over", "background-width": "60%", "background-height": "60%",
      "border-width": 1, "border-color": c.rim } },
    { selector: "edge", style: {
      width: "data(width)", "line-color": c.line, "line-opacity": 0.8, "curve-style": big ? "haystack" : "bezier",
      "target-arrow-shape": big ? "none" : "triangle", "target-arrow-color": c.line, "arrow-scale": 0.65,
      label: edgeLabels ? "data(label)" : counts ? "data(brief)" : "", "font-size": 9, "font-family": "sans-serif", color: c.faint,
      "min-zoomed-font-size": 8, "text-rotation": "autorotate",
      "text-background-color": c.ground, "text-background-opacity": 0.85, "text-background-padding": 1 } },
    { selector: "edge[?plain]", style: { "target-arrow-shape": "none" } },
    ...Object.entries(TYPES).map(([type, look]) => ({ selector: `node[type="${type}"]`,
      style: { shape: look[1], "background-color": look[2], "background-image": icon(look) } })),
    { selector: "edge[?met]", style: { "line-color": VERMILION, "line-opacity": 0.75 } },
    { selector: "node[risk >= 0.7]", style: { "border-width": 3.5, "border-color": VERMILION } },
    { selector: "node[fold]", style: { "border-style": "dashed", "border-width": 3, "font-weight": "bold" } },
    { selector: "node[?pin]", style: { "border-style": "double", "border-width": 6 } },
    { selector: "node.path", style: { "underlay-color": VERMILION, "underlay-opacity": 0.35, "underlay-padding": 6 } },
    { selector: "edge.path", style: { "line-color": VERMILION, "target-arrow-color": VERMILION, width: 4, label: "data(label)" } },
    { selector: "edge.near", style: { label: "data(label)", "z-index": 9 } },
    { selector: "node:selected", style: { "overlay-color": SELECTED, "overlay-opacity": 0.32, "overlay-padding": 6 } },
    { selector: "edge:selected", style: { "line-color": SELECTED, "target-arrow-color": SELECTED, width: 5, label: "data(label)", "z-index": 10 } },
    { selector: "node.cursor", style: { "outline-color": dark ? "#fff" : "#000", "outline-width": 2.5, "outline-offset": 5, "outline-style": "dashed" } },
    { selector: ".dim", style: { opacity: 0.13, "text-opacity": 0 } },
    { selector: ".off", style: { display: "none" } },
  ];
}

const NARROW = 30; // room round a node inside its hull, canvas units

/** The convex hull of points, by monotone chain. */
export function hull(points) {
  if (points.length < 3) return points;
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = side => {
    const r = [];
    for (const c of side) {
      while (r.length > 1) {
        const [a, b] = r.slice(-2);
        if ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0) break;
        r.pop();
      }
      r.push(c);
    }
    return r.slice(0, -1);
  };
  return [...half(points), ...half([...points].reverse())];
}

/** Paint the ground of every group; model (x, y) lies on the screen at (k x + ox, k y + oy). */
export function paintHulls(g, cy, names, dark, k, ox, oy) {
  const tints = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"], by = {};
  cy.nodes(":visible").forEach(n => (n.data("groups") || []).forEach(group => {
    const p = n.position();
    for (let a = 0; a < 6.2; a += 0.523) (by[group] ||= []).push([(p.x + NARROW * Math.cos(a)) * k + ox, (p.y + NARROW * Math.sin(a)) * k + oy]);
  }));
  Object.keys(by).sort().forEach((group, i) => {
    const line = hull(by[group]), tint = tints[i % tints.length];
    g.beginPath(); line.forEach(p => g.lineTo(...p)); g.closePath();
    g.globalAlpha = dark ? 0.24 : 0.13; g.fillStyle = tint; g.fill();
    g.globalAlpha = 0.6; g.strokeStyle = tint; g.lineWidth = Math.max(1, k); g.stroke();
    const top = line.reduce((a, b) => (b[1] < a[1] ? b : a));
    g.globalAlpha = 1; g.fillStyle = colours(dark).text; g.textAlign = "center";
    g.font = `${Math.round(Math.min(22, Math.max(11, 11 * k)))}px sans-serif`;
    g.fillText(names?.[group] || group, top[0], top[1] - 4);
  });
  g.globalAlpha = 1;
}
