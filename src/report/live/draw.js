// From the data of a panel to its drawing.

function node(space, parent, name, attributes, text) {
  const made = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}
const svg = node.bind(null, 'http://www.w3.org/2000/svg');
const html = node.bind(null, null);

const pen = document.createElement('canvas').getContext('2d');
pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
/** How wide the text of a tick is. */
const width = (text) => pen.measureText(text).width;
const colour = (series) => (series.ink === null ? 'var(--text)' : `var(--s${series.ink % 7})`);
let clips = 0;

/** Draws a panel into its box; gives its axes. */
function drawPanel(box, panel, height, hidden) {
  const room = box.clientWidth;
  const left = Math.min(Math.max(...panel.y.ticks.concat([[0, '00,000']]).map(([, text]) => width(text))) + 12, room / 3);
  const bottom = height - (panel.x.label ? 38 : 22);
  const x = new Axis(panel.x, left, room - 14);
  const y = new Axis(panel.y, bottom, 8);
  const paper = svg(box, 'svg', { width: room, height, 'aria-hidden': 'true' });
  const clip = `clip${(clips += 1)}`;
  // Dots on an edge are seen whole.
  svg(svg(paper, 'clipPath', { id: clip }), 'rect', { x: left - 4, y: 4, width: x.to - left + 8, height: bottom });
  drawShades(paper, panel, x, y);
  drawGrid(paper, x, y);
  const data = svg(paper, 'g', { 'clip-path': `url(#${clip})` });
  for (const [value] of panel.rules) {
    svg(data, 'line', { class: 'rule', x1: x.from, x2: x.to, y1: y.pixel(value), y2: y.pixel(value) });
  }
  for (const series of panel.series) {
    if (!hidden(series)) drawSeries(series.mark === 'beam' ? paper : data, series, x, y);
  }
  return { x, y, paper };
}

function drawShades(parent, panel, x, y) {
  for (const [from, to, name] of panel.shades) {
    const [a, b] = [from, to].map((edge) => Math.min(Math.max(x.pixel(edge), x.from), x.to));
    svg(parent, 'rect', { class: 'shade', x: a, y: y.to, width: Math.max(b - a, 0), height: y.from - y.to });
    if (b > a) svg(parent, 'text', { class: 'tick', x: a + 4, y: y.to + 12 }, name);
  }
}

function drawGrid(parent, x, y) {
  let free = -Infinity;
  for (const [value, text] of x.marks()) {
    const at = x.pixel(value);
    svg(parent, 'line', { class: 'grid', x1: at, x2: at, y1: y.from, y2: y.to });
    const [half, edge] = [width(text) / 2, Math.min(at, x.to + 14 - width(text) / 2)];
    if (edge - half < free) continue;
    free = edge + half + 8;
    svg(parent, 'text', { class: 'tick', x: edge, y: y.from + 15, 'text-anchor': 'middle' }, text);
  }
  for (const [value, text] of y.marks()) {
    const at = y.pixel(value);
    svg(parent, 'line', { class: 'grid', x1: x.from, x2: x.to, y1: at, y2: at });
    svg(parent, 'text', { class: 'tick', x: x.from - 6, y: at + 4, 'text-anchor': 'end' }, text);
  }
  if (x.label) {
    svg(parent, 'text', { class: 'tick', x: (x.from + x.to) / 2, y: y.from + 33, 'text-anchor': 'middle' }, x.label);
  }
}

function drawSeries(parent, series, x, y) {
  const group = svg(parent, 'g', { style: `--ink:${colour(series)}` });
  const at = ([px, py]) => `${x.pixel(px).toFixed(1)} ${y.pixel(py).toFixed(1)}`;
  const { mark, points } = series;
  if (!points.length) return;
  if (mark === 'beam') return points.forEach((point) => drawBeam(group, series.name, point, x, y));
  if (mark === 'bars') {
    const step = points.length > 1 ? points[1][0] - points[0][0] : x.high - x.low;
    for (const [from, top] of points.filter((point) => point[1] > 0)) {
      const [a, b] = [x.pixel(from), x.pixel(from + step)];
      svg(group, 'rect', { class: 'bar', x: a, width: Math.max(b - a, 0.5), y: y.pixel(top), height: Math.max(y.from - y.pixel(top), 0) });
    }
    return;
  }
  const sure = points.filter((point) => point.length > 2);
  if (mark === 'dots') {
    for (const [px, py, low, high] of points) {
      svg(group, 'circle', { class: 'dot', cx: x.pixel(px), cy: y.pixel(py), r: 3 });
      if (low !== undefined) svg(group, 'line', { class: 'line', x1: x.pixel(px), x2: x.pixel(px), y1: y.pixel(low), y2: y.pixel(high) });
    }
  } else if (sure.length) {
    const there = sure.map((point) => at([point[0], point[3]]));
    const back = sure.map((point) => at([point[0], point[2]])).reverse();
    svg(group, 'polygon', { class: 'band', points: there.concat(back).join(' ') });
  }
  const path = points.map(at).join(' L');
  if (mark === 'area') {
    const [first, last] = [points[0][0], points[points.length - 1][0]];
    svg(group, 'path', { class: 'area', d: `M${at([first, y.low])} L${path} L${at([last, y.low])} Z` });
  }
  svg(group, 'path', { class: mark === 'dashes' ? 'line dashes' : 'line', d: `M${path}` });
}

function drawBeam(group, name, [value, row, low, high], x, y) {
  const half = Math.abs(y.pixel(0.28) - y.pixel(0));
  svg(group, 'rect', { class: 'beam', x: x.from, width: Math.max(x.pixel(value) - x.from, 0), y: y.pixel(row) - half, height: 2 * half });
  const end = Math.min(x.pixel(high ?? value), x.to);
  if (low !== undefined) svg(group, 'line', { class: 'whisker', x1: x.pixel(low), x2: end, y1: y.pixel(row), y2: y.pixel(row) });
  const outside = end + width(name) + 10 < x.to + 14;
  svg(group, 'text', { class: 'value', x: outside ? end + 6 : end - 6, y: y.pixel(row) + 4, 'text-anchor': outside ? 'start' : 'end' }, name);
}
