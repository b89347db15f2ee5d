// What pages do once they are there: curves of tables, the first page that goes on, and menus that close.

const SVG = "http://www.w3.org/2000/svg";
const MOST_AT_ONCE = 200;

function drawCurve(place, curve) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 96 22");
  picture.setAttribute("width", "96");
  picture.setAttribute("height", "22");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `${curve.low} to ${curve.high} K`);
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", curve.points);
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "currentColor");
  line.setAttribute("stroke-width", "1.5");
  picture.append(line);
  place.title = `${curve.low} to ${curve.high} K`;
  place.replaceChildren(picture);
}

async function drawCurves() {
  const places = [...document.querySelectorAll("[data-curve]")];
  for (let first = 0; first < places.length; first += MOST_AT_ONCE) {
    const some = places.slice(first, first + MOST_AT_ONCE);
    const ids = [...new Set(some.map((place) => place.dataset.curve))];
    const answer = await fetch(`/-/curves?${ids.map((id) => `id=${encodeURIComponent(id)}`).join("&")}`);
    if (!answer.ok) return;
    const curves = await answer.json();
    for (const place of some) {
      if (curves[place.dataset.curve]) drawCurve(place, curves[place.dataset.curve]);
    }
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
