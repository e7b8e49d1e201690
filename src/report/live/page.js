// The page: still pictures become live ones, columns get switches, tables get sorted.

const off = new Set();
const hidden = (series) => series.ink !== null && off.has(series.ink);

/** A panel's own columns are all switched off. */
function gone(panel) {
  const own = panel.series.filter((series) => series.ink !== null);
  return own.length > 0 && own.every(hidden);
}

/** A panel as it looks over a stretch of x; counts get a new top, the same for all panels. */
function over(panel, stretch, top) {
  if (!stretch || !panel.zooms) return panel;
  const x = { ...panel.x, low: stretch[0], high: stretch[1], ticks: [] };
  return { ...panel, x, y: panel.fits ? { ...panel.y, high: top, ticks: [] } : panel.y };
}

function highest(panels, [low, high]) {
  const points = panels.flatMap((panel) => panel.series.filter((series) => !hidden(series)).flatMap((series) => series.points));
  const tops = points.filter(([px]) => px >= low && px <= high).map((point) => point[3] ?? point[1]);
  return tops.reduce((a, b) => Math.max(a, b), 0) * 1.08 || 1;
}

/** A series' colour and its name, which stay together. */
function named(line, series) {
  const one = html(line, 'span', { class: 'one' });
  html(one, 'span', { class: 'swatch', style: `background:${colour(series)}` });
  one.append(series.name);
  line.append(' ');
}

/** A picture that is drawn here. */
class Live {
  constructor(figure, chart) {
    this.chart = chart;
    this.stretch = null;
    this.box = html(figure, 'div', { class: 'live' });
    figure.querySelector('figcaption')?.before(this.box);
    this.again();
    figure.classList.add('lively');
    new ResizeObserver(() => {
      if (this.box.clientWidth && this.box.clientWidth !== this.room) this.again();
    }).observe(this.box);
  }
  again(focus) {
    const { chart, box, stretch } = this;
    this.room = box.clientWidth;
    // The page does not jump while the box is empty.
    box.style.minHeight = `${box.clientHeight}px`;
    box.replaceChildren();
    html(box, 'h3', {}, chart.title);
    html(box, 'p', { class: 'muted' }, chart.lead);
    if (chart.key.length) this.key(html(box, 'p', { class: 'key' }));
    const panels = chart.panels.filter((panel) => !gone(panel));
    const across = Math.max(Math.min(chart.across, Math.floor(this.room / 340)), 1);
    const grid = html(box, 'div', { class: 'panels', style: `grid-template-columns:repeat(${across},minmax(0,1fr))` });
    const top = stretch && highest(panels, stretch);
    panels.forEach((panel, i) => this.panel(grid, over(panel, stretch, top), i));
    const zooms = panels.some((panel) => panel.zooms);
    if (zooms) this.hint(html(box, 'p', { class: 'muted hint' }));
    box.style.minHeight = '';
    if (focus !== undefined) grid.children[Math.min(focus, grid.children.length - 1)]?.focus();
  }
  key(line) {
    for (const [ink, , name] of this.chart.key) named(line, { ink, name });
  }
  hint(line) {
    line.append('Hover, or focus and use the arrow keys, to read values. Drag, or press +, to look closer. ');
    if (!this.stretch) return;
    const whole = html(line, 'button', { type: 'button' }, 'Show all');
    whole.addEventListener('click', () => this.closer(null));
  }
  panel(grid, panel, i) {
    const name = panel.title || this.chart.title;
    const frame = html(grid, 'div', { class: 'panel', tabindex: '0', role: 'application', 'aria-roledescription': 'chart' });
    frame.setAttribute('aria-label', `${name}. Arrow keys read values.`);
    const head = html(frame, 'div', { class: 'head' });
    html(head, 'strong', {}, panel.title);
    html(head, 'span', {}, panel.rules.map(([, text]) => text).join(', '));
    if (panel.named) this.names(frame, panel);
    const box = html(frame, 'div', { class: 'plot' });
    const drawn = drawPanel(box, panel, this.chart.height - (panel.title ? 22 : 0), hidden);
    readable(frame, panel, drawn, hidden, (stretch) => this.closer(stretch, i));
  }
  names(frame, panel) {
    const line = html(frame, 'div', { class: 'key' });
    for (const series of panel.series.filter((one) => !hidden(one))) named(line, series);
  }
  closer(stretch, focus) {
    this.stretch = stretch;
    this.again(focus);
  }
}

/** Boxes that switch columns off, in all pictures and in the tables. */
function switches(columns, lives) {
  const place = document.getElementById('switches');
  if (!place || columns.length < 2) return;
  const set = html(place, 'fieldset', {});
  html(set, 'legend', {}, 'Shown');
  columns.forEach((name, ink) => {
    const label = html(set, 'label', {});
    const box = html(label, 'input', { type: 'checkbox', checked: '' });
    html(label, 'span', { class: 'swatch', style: `background:${colour({ ink })}` });
    label.append(name);
    box.addEventListener('change', () => {
      if (box.checked) off.delete(ink);
      else off.add(ink);
      lives.forEach((live) => live.again());
      for (const row of document.querySelectorAll('tbody tr')) {
        if (row.cells[0].textContent === name) row.hidden = !box.checked;
      }
    });
  });
}

/** What a cell is sorted by: its first number, or its words. */
function worth(cell) {
  const text = cell ? cell.textContent.trim() : '';
  const found = /^[-+]?[\d,]*\.?\d+(e[-+]?\d+)?/.exec(text);
  if (!found) return text;
  return Number(found[0].replaceAll(',', '')) * (text[found[0].length] === 'M' ? 1e6 : 1);
}

function sortable(table) {
  const heads = [...table.querySelectorAll('thead th')];
  const body = table.tBodies[0];
  // Rows whose first cell is empty belong to the row above them.
  if (!body || body.rows.length < 3 || [...body.rows].some((row) => !row.cells[0].textContent.trim())) return;
  heads.forEach((head, i) => {
    const name = head.textContent;
    head.textContent = '';
    const button = html(head, 'button', { type: 'button', class: 'sort', title: 'sort' }, name);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const compare = (a, b) => {
        const [one, two] = [worth(a.cells[i]), worth(b.cells[i])];
        if (typeof one !== typeof two) return typeof one === 'number' ? -1 : 1;
        const less = typeof one === 'number' ? one - two : one.localeCompare(two);
        return down ? -less : less;
      };
      body.append(...[...body.rows].sort(compare));
    });
  });
}

try {
  const told = JSON.parse(document.getElementById('charts').textContent);
  html(document.body, 'p', { id: 'aloud', class: 'unseen', 'aria-live': 'polite' });
  const lives = told.charts.flatMap((chart) => {
    const figure = document.getElementById(chart.name);
    return figure ? [new Live(figure, chart)] : [];
  });
  switches(told.columns, lives);
  document.querySelectorAll('table:not(.heat):not(.plain)').forEach(sortable);
  document.documentElement.dataset.live = lives.length;
} catch (fault) {
  // The still pictures stay.
  document.documentElement.dataset.fault = String(fault);
}
