// Draws the graph of the page with Cytoscape.js. Every text of the org becomes text, never markup.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const element = id => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const [ink, soft, paper] = dark ? ["#ececf1", "#8d8d99", "#17171b"] : ["#1b1b1f", "#777782", "#ffffff"];
const cut = (text, width) => text.length > width ? text.slice(0, width - 1) + "…" : text;

const cy = cytoscape({
  container: element("graph"),
  elements: {
    nodes: data.nodes.map(({ x, y, ...node }) =>
      ({ data: { ...node, label: cut(node.name, 28), ...data.kinds[node.kind] }, position: { x, y } })),
    edges: data.edges.map(edge => ({ data: { ...edge, dash: edge.assumption ? "dashed" : "solid" } })),
  },
  minZoom: 0.05,
  maxZoom: 4,
  style: [
    { selector: "node", style: {
      "shape": "data(shape)", "background-color": "data(color)", "border-width": 1, "border-color": ink, "width": 22,
      "height": 22, "label": "data(label)", "font-size": 10, "color": ink, "text-valign": "bottom",
      "text-margin-y": 3, "text-outline-width": 2, "text-outline-color": paper, "min-zoomed-font-size": 7 } },
    { selector: "edge", style: {
      "width": 1.2, "line-color": soft, "target-arrow-color": soft, "target-arrow-shape": "triangle",
      "curve-style": "bezier", "line-style": "data(dash)", "label": "data(kind)", "font-size": 8, "color": ink,
      "text-rotation": "autorotate", "text-outline-width": 2, "text-outline-color": paper,
      "min-zoomed-font-size": 8 } },
    { selector: ".found", style: { "border-width": 4, "border-color": "#d55e00", "width": 30, "height": 30 } },
    { selector: ".near", style: { "line-color": "#d55e00", "target-arrow-color": "#d55e00", "width": 2.5, "z-index": 9 } },
    { selector: ".off", style: { "display": "none" } },
  ],
  layout: { name: "preset" },
});

// A graph of few nodes is not blown up to the size of the page.
function fit(elements, padding) {
  cy.fit(elements, padding);
  if (cy.zoom() > 1.3) { cy.zoom(1.3); cy.center(elements); }
}

function say(...lines) {
  element("hint").replaceChildren(...lines.filter(([text]) => text).map(([text, name]) => {
    const line = document.createElement("p");
    line.textContent = text;
    line.className = name || "";
    return line;
  }));
}

function sayEdge(edge) {
  const { kind, assumption, inactive } = edge.data();
  say([`${edge.source().data("name")} —${kind}→ ${edge.target().data("name")}`], [data.meanings[kind]],
      [assumption && `Assumed: ${assumption}`, "soft"], [inactive && `Inactive: ${inactive}`, "soft"]);
}

function sayNode(node) {
  const { name, kind, id } = node.data();
  say([name], [`${kind} ${id}`, "soft"], [`${node.outgoers("edge").length} edges out, ${node.incomers("edge").length} in`, "soft"]);
}

cy.on("mouseover tap", "edge", event => { cy.elements(".near").removeClass("near"); event.target.addClass("near"); sayEdge(event.target); });
cy.on("mouseover tap", "node", event => { cy.elements(".near").removeClass("near"); event.target.connectedEdges().addClass("near"); sayNode(event.target); });
cy.on("mouseout", "node, edge", () => { cy.elements(".near").removeClass("near"); say(); });

const off = { node: new Set(), edge: new Set() };

// An edge is hidden with one of its nodes.
const shown = what => cy.elements(what).filter(each =>
  !each.hasClass("off") && (each.isNode() || !each.connectedNodes().hasClass("off")));

function showKinds() {
  cy.batch(() => {
    cy.nodes().forEach(node => { node.toggleClass("off", off.node.has(node.data("kind"))); });
    cy.edges().forEach(edge => { edge.toggleClass("off", off.edge.has(edge.data("kind"))); });
  });
  element("count").textContent = `${shown("node").length} nodes, ${shown("edge").length} edges`;
}

function switches(title, what, counts) {
  const heading = document.createElement("h2");
  heading.textContent = title;
  element("kinds").append(heading);
  for (const [kind, count] of counts) {
    const label = document.createElement("label"), box = document.createElement("input"), name = document.createElement("span"),
      number = document.createElement("span");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => { off[what][box.checked ? "delete" : "add"](kind); showKinds(); });
    name.textContent = kind;
    number.textContent = count;
    label.append(box);
    if (what === "node") {
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = data.kinds[kind].color;
      label.append(swatch);
    }
    label.append(name, number);
    element("kinds").append(label);
  }
}

function counted(items) {
  const counts = new Map();
  for (const { kind } of items) counts.set(kind, (counts.get(kind) || 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]);
}

switches("Nodes", "node", counted(data.nodes));
switches("Edges", "edge", counted(data.edges));
showKinds();

// The frame of a notebook gets its size after the page is drawn.
let moved = false;
cy.on("dragpan scrollzoom pinchzoom", () => { moved = true; });
new ResizeObserver(() => { cy.resize(); if (!moved) fit(shown("node"), 30); }).observe(element("graph"));

element("search").addEventListener("input", event => {
  const wanted = event.target.value.trim().toLowerCase();
  cy.nodes().removeClass("found");
  if (!wanted) { say(); return; }
  const found = shown("node").filter(node => `${node.data("name")}\n${node.id()}`.toLowerCase().includes(wanted));
  found.addClass("found");
  say([`${found.length} of ${shown("node").length} nodes have “${event.target.value.trim()}” in their name or id.`]);
  if (found.length) fit(found.length === 1 ? found.closedNeighborhood() : found, 60);
});
element("fit").addEventListener("click", () => fit(shown("node"), 30));
