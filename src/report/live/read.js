// Reading values: by pointer, by finger and by keys; and looking closer at a stretch of x.

/** What is under a place of x: the points of each line nearest to it. */
function nearest(panel, value, axis, hidden) {
  const place = axis.place(value);
  const found = [];
  for (const series of panel.series) {
    if (hidden(series) || series.mark === 'beam' || !series.points.length) continue;
    const step = series.mark === 'bars' && series.points.length > 1 ? series.points[1][0] - series.points[0][0] : 0;
    let best = series.points[0];
    for (const point of series.points) {
      if (Math.abs(axis.place(point[0] + step / 2) - place) < Math.abs(axis.place(best[0] + step / 2) - place)) best = point;
    }
    found.push({ series, point: best, step });
  }
  return found;
}

/** A value of y in words, with its interval. */
function measured(panel, point) {
  const axis = new Axis(panel.y, 0, 1);
  const share = panel.y.ticks.some(([, text]) => text.endsWith('%'));
  const words = (value) => (share ? `${exact(value * 100)} %` : exact(value) + axis.unit);
  const [, value, low, high] = point;
  return low === high ? words(value) : `${words(value)} (${words(low)} to ${words(high)})`;
}

function beams(panel, hidden) {
  const axis = new Axis(panel.y, 0, 1);
  return panel.series.filter((series) => !hidden(series) && series.mark === 'beam' && series.points.length).map((series) => {
    const [, row, low, high] = series.points[0];
    const interval = low === high ? '' : ` (${exact(low)} to ${exact(high)})`;
    return { row, text: `${axis.words(row)}: ${series.name}${interval}` };
  });
}

/** The box with values beside the cursor. */
class Tip {
  constructor(box) {
    this.box = box;
    this.tip = html(box, 'div', { class: 'tip', hidden: '' });
  }
  hide() {
    this.tip.hidden = true;
    this.marks?.remove();
    this.marks = null;
  }
  /** Lines of text, each with its colour if it has one, beside a place of x; read out if that was asked for by key. */
  show(at, lines, aloud) {
    const { box, tip } = this;
    this.hide();
    tip.replaceChildren();
    for (const [text, ink] of lines) {
      const line = html(tip, 'div', {});
      if (ink) html(line, 'span', { class: 'swatch', style: `background:${ink}` });
      line.append(text);
    }
    tip.hidden = false;
    const room = box.clientWidth - tip.offsetWidth - 4;
    tip.style.left = `${Math.max(Math.min(at + 14 > room ? at - tip.offsetWidth - 14 : at + 14, room), 0)}px`;
    if (aloud) document.getElementById('aloud').textContent = lines.map(([text]) => text).join('; ');
  }
  /** A line at a place of x and a dot on each point. */
  mark({ x, y, paper }, at, found) {
    this.marks = svg(paper, 'g', {});
    svg(this.marks, 'line', { class: 'cursor', x1: at, x2: at, y1: y.from, y2: y.to });
    for (const { series, point, step } of found) {
      const [cx, cy] = [x.pixel(point[0] + step / 2), y.pixel(point[1])];
      svg(this.marks, 'circle', { class: 'dot', style: `--ink:${colour(series)}`, cx, cy, r: 4 });
    }
  }
}

/** Lets a drawn panel be read. `drawn` has its axes, `closer` is asked to show a stretch of x. */
function readable(box, panel, drawn, hidden, closer) {
  const tip = new Tip(box);
  const { x, y } = drawn;
  const rows = beams(panel, hidden);
  let cursor = null;
  const lookAt = (value, aloud) => {
    const found = nearest(panel, value, x, hidden);
    if (!found.length) return;
    const main = found.reduce((a, b) => (Math.abs(x.pixel(b.point[0]) - x.pixel(value)) < Math.abs(x.pixel(a.point[0]) - x.pixel(value)) ? b : a));
    cursor = main.point[0];
    const at = x.pixel(cursor + main.step / 2);
    const where = main.step ? `${x.words(cursor)} to ${x.words(cursor + main.step)}` : x.words(cursor);
    const lines = found.map(({ series, point }) => [`${series.name} ${measured(panel, point)}`, colour(series)]);
    tip.show(at, [[where]].concat(lines), aloud);
    tip.mark(drawn, at, found);
  };
  const lookAtRow = (row, aloud) => {
    cursor = Math.min(Math.max(row, 0), rows.length - 1);
    tip.show(x.from + 40, [[rows[cursor].text]], aloud);
    tip.tip.style.top = `${y.pixel(rows[cursor].row) + 14}px`;
  };
  pointed(panel, drawn, { leave: () => tip.hide(), closer, lookAt: (px, py) => {
    if (!rows.length) return lookAt(x.value(px));
    const near = rows.map((row) => Math.abs(y.pixel(row.row) - py));
    return lookAtRow(near.indexOf(Math.min(...near)));
  } });
  box.addEventListener('blur', () => tip.hide());
  box.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) lookAtRow((cursor ?? -1) + step, true);
    else if (step) lookAt(along(panel, x, hidden, cursor, event.shiftKey ? 10 * step : step), true);
    else if (event.key === 'Home' && !rows.length) lookAt(x.low, true);
    else if (event.key === 'End' && !rows.length) lookAt(x.high, true);
    else if (event.key === '+' && panel.zooms) closer(around(x, cursor));
    else if (event.key === '-' || event.key === '0') closer(null);
    else if (event.key === 'Escape') tip.hide();
    else return;
    event.preventDefault();
  });
}

/** The x of the next point of the longest line. */
function along(panel, axis, hidden, cursor, step) {
  const lines = panel.series.filter((series) => !hidden(series) && series.mark !== 'beam');
  const all = lines.reduce((a, b) => (b.points.length > a.length ? b.points : a), []).map(([px]) => px);
  const places = [...new Set(all)].filter((px) => px >= axis.low && px <= axis.high);
  if (!places.length) return axis.low;
  const now = cursor === null ? (step > 0 ? -1 : places.length) : places.findIndex((px) => px >= cursor);
  return places[Math.min(Math.max(now + step, 0), places.length - 1)];
}

/** Half of an axis around a value. */
function around(axis, cursor) {
  const middle = cursor === null ? (axis.from + axis.to) / 2 : axis.pixel(cursor);
  const quarter = (axis.to - axis.from) / 4;
  return [Math.max(middle - quarter, axis.from), Math.min(middle + quarter, axis.to)].map((px) => axis.value(px));
}

/** Hovering reads, dragging looks closer. */
function pointed(panel, { x, y, paper }, { leave, closer, lookAt }) {
  let start = null;
  let chosen = null;
  const place = (event) => {
    const edge = paper.getBoundingClientRect();
    return [Math.min(Math.max(event.clientX - edge.left, x.from), x.to), event.clientY - edge.top];
  };
  paper.addEventListener('pointerdown', (event) => {
    if (!panel.zooms || event.button) return;
    [start] = place(event);
    paper.setPointerCapture(event.pointerId);
  });
  paper.addEventListener('pointermove', (event) => {
    const [px, py] = place(event);
    if (start === null) return lookAt(px, py);
    leave();
    if (!chosen) chosen = svg(paper, 'rect', { class: 'chosen', y: y.to, height: y.from - y.to });
    chosen.setAttribute('x', Math.min(start, px));
    chosen.setAttribute('width', Math.abs(px - start));
    return undefined;
  });
  const end = (event) => {
    if (start === null) return;
    const [px, py] = place(event);
    const stretch = [Math.min(start, px), Math.max(start, px)];
    start = null;
    if (chosen) chosen.remove();
    chosen = null;
    if (event.type === 'pointerup' && stretch[1] - stretch[0] > 8) closer(stretch.map((edge) => x.value(edge)));
    else lookAt(px, py);
  };
  paper.addEventListener('pointerup', end);
  paper.addEventListener('pointercancel', end);
  paper.addEventListener('pointerleave', leave);
  paper.addEventListener('dblclick', () => closer(null));
}
