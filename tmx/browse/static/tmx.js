// What pages do once they are there: curves of tables, the first page that goes on, and menus that close.

const SVG = "http://www.w3.org/2000/svg";
const MOST_AT_ONCE = 200;

function drawCurve(place, temperatures, low, high) {
  const x = (index) => 1 + (94 * index) / Math.max(temperatures.length - 1, 1);
  const y = (kelvin) => 20 - (18 * (kelvin - low)) / Math.max(high - low, 0.1);
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 96 22");
  picture.setAttribute("width", "96");
  picture.setAttribute("height", "22");
  picture.setAttribute("role", "img");
  const range = `${Math.min(...temperatures)} to ${Math.max(...temperatures)} K`;
  picture.setAttribute("aria-label", range);
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", temperatures.map((kelvin, index) => `${x(index).toFixed(1)},${y(kelvin).toFixed(1)}`).join(" "));
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "currentColor");
  line.setAttribute("stroke-width", "1.5");
  picture.append(line);
  place.title = `${range}; the curves of this page have one scale, from ${low} to ${high} K`;
  place.replaceChildren(picture);
}

async function drawCurves() {
  const places = [...document.querySelectorAll("[data-curve]")];
  const ids = [...new Set(places.map((place) => place.dataset.curve))];
  const curves = {};
  for (let first = 0; first < ids.length; first += MOST_AT_ONCE) {
    const some = ids.slice(first, first + MOST_AT_ONCE);
    const answer = await fetch(`/-/curves?${some.map((id) => `id=${encodeURIComponent(id)}`).join("&")}`);
    if (!answer.ok) return;
    Object.assign(curves, await answer.json());
  }
  const all = Object.values(curves).flat();
  const low = all.reduce((least, one) => Math.min(least, one), Infinity);
  const high = all.reduce((most, one) => Math.max(most, one), -Infinity);
  for (const place of places) {
    if (curves[place.dataset.curve]) drawCurve(place, curves[place.dataset.curve], low, high);
  }
}

async function renew(live) {
  if (document.hidden || live.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.pathname);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const renewed = page.getElementById("live");
    if (renewed) live.replaceChildren(...renewed.childNodes);
    live.classList.remove("stale");
  } catch {
    live.classList.add("stale");
  }
}

const live = document.getElementById("live");
if (live) setInterval(() => renew(live), 1000 * Number(live.dataset.refreshS));

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.nav-menu[open], details.actions-menu-links[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Forty descriptions would push the rows out of sight.
for (const list of document.querySelectorAll("dl.column-descriptions")) {
  const folded = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "What the columns mean";
  list.replaceWith(folded);
  folded.append(summary, list);
}

drawCurves();
