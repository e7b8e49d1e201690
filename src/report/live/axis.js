// Axes: where values stand, and which of them are written; as in the still pictures.

/** A number as people read it. */
function shown(x) {
  if (!Number.isFinite(x)) return 'n/a';
  const size = Math.abs(x);
  if (size >= 1e6) return shown(x / 1e6) + 'M';
  if (size >= 9999.5) return Math.round(x).toLocaleString('en');
  if (size === 0 || size >= 100) return String(Math.round(x));
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : Math.min(2 - Math.floor(Math.log10(size)), 12);
  return String(Number(x.toFixed(digits)));
}

/** The same to four digits, for those who ask. */
function exact(x) {
  return Math.abs(x) >= 1000 || !Number.isFinite(x) ? shown(x) : String(Number(x.toPrecision(4)));
}

const NINES = [[0, '0 %'], [0.5, '50 %'], [0.9, '90 %'], [0.99, '99 %'], [0.999, '99.9 %'], [0.9999, '99.99 %'],
  [0.99999, '99.999 %'], [0.999999, '99.9999 %']];

/** An axis between two edges in pixels. */
class Axis {
  constructor(axis, from, to) {
    Object.assign(this, axis, { from, to });
    this.first = this.place(axis.low);
    this.span = this.place(axis.high) - this.first || 1;
  }
  place(value) {
    if (this.scale === 'log') return Math.log10(Math.max(value, this.low));
    if (this.scale === 'nines') return -Math.log10(1 - Math.min(Math.max(value, 0), 0.9999999));
    return value;
  }
  pixel(value) {
    return this.from + ((this.place(value) - this.first) / this.span) * (this.to - this.from);
  }
  value(pixel) {
    const place = this.first + ((pixel - this.from) / (this.to - this.from)) * this.span;
    if (this.scale === 'log') return 10 ** place;
    return this.scale === 'nines' ? 1 - 10 ** -place : place;
  }
  /** A value in words. */
  words(value) {
    const tick = this.ticks.find(([at]) => at === value);
    if (tick) return tick[1];
    return this.scale === 'nines' ? `${Number((value * 100).toPrecision(6))} %` : exact(value) + this.unit;
  }
  marks() {
    if (this.ticks.length) return this.inside(this.ticks);
    if (this.scale === 'nines') return this.inside(NINES);
    const values = this.scale === 'log' ? this.powers() : this.steps();
    return this.inside(values.map((value) => [value, shown(value) + this.unit]));
  }
  inside(marks) {
    const slack = (this.high - this.low) * 1e-9;
    return marks.filter(([value]) => value >= this.low - slack && value <= this.high + slack);
  }
  steps() {
    const rough = (this.high - this.low) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => s >= rough * 0.8);
    const first = Math.ceil(this.low / step - 1e-9);
    return Array.from({ length: 24 }, (_, i) => (first + i) * step);
  }
  powers() {
    const [first, last] = [Math.floor(Math.log10(this.low)), Math.ceil(Math.log10(this.high))];
    const steps = last - first <= 2 ? [1, 2, 5] : last - first <= 4 ? [1, 3] : [1];
    const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return powers.flatMap((power) => steps.map((s) => s * 10 ** power));
  }
}
