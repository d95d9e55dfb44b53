// Small charts in SVG: parts of a whole, lines over days, bars over hours. A chart is a picture
// with a name and a description, and beside it stands a table of the same numbers.

import { freshID, make } from "./elements.js";
import { numberText, text } from "./sentences.js";

const namespace = "http://www.w3.org/2000/svg";

/** Pixels. */
const height = 200;
const top = 10;
const bottom = 26;
const right = 10;

/** An element of a drawing; attributes that are `undefined` are left out. */
function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Parts of a whole, `{ value, tone }` each, beside each other. What they are is to be said in words
 * beside it, so screen readers pass it by.
 */
export function bar(parts) {
  const whole = parts.reduce((sum, { value }) => sum + value, 0) || 1;
  let x = 0;
  const drawn = parts.map(({ value, tone }) => {
    const width = (100 * value) / whole;
    const part = draw("rect", { x, y: 0, width, height: 10, class: tone });
    x += width;
    return part;
  });
  return draw(
    "svg",
    { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...drawn,
  );
}

/**
 * Lines over something that goes on, the space below the `filled` ones too. As `barChart`, which
 * draws the same as bars upon each other.
 */
export function lineChart(content) {
  return chart(content, paintLines, greatest(content.series));
}

/**
 * `series` are `{ label, tone, values, filled }`; `points` are what each value is of: `short` where
 * there is room for little, `long` in the table. `heading` says what points are, `title` and
 * `description` what is to be seen.
 */
export function barChart(content) {
  const sums = content.points.map((_, index) =>
    content.series.reduce((sum, { values }) => sum + values[index], 0),
  );
  return chart(content, paintBars, Math.max(0, ...sums));
}

function greatest(series) {
  return Math.max(0, ...series.flatMap(({ values }) => values));
}

function chart(content, paint, most) {
  const [titleID, descriptionID] = [freshID(), freshID()];
  const picture = draw("svg", {
    class: "chart",
    role: "img",
    "aria-labelledby": titleID,
    "aria-describedby": descriptionID,
  });
  const names = [
    draw("title", { id: titleID }, content.title),
    draw("desc", { id: descriptionID }, content.description),
  ];
  const show = (width) => {
    const area = plot(width, niceMost(most), content.points.length);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.replaceChildren(
      ...names, ...paintGrid(area), ...paintPoints(area, content.points),
      ...paint(area, content), ...paintHints(area, content),
    );
  };
  show(640);
  // Text keeps its size however wide the picture is.
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0) show(Math.round(contentRect.width));
  }).observe(picture);
  return make("figure", { class: "drawn" }, legend(content.series), picture, numbers(content));
}

/** The smallest round number that is not below; its half is whole too. */
export function niceMost(most) {
  let unit = 1;
  while (most > 10 * unit) unit *= 10;
  return [2, 4, 6, 8, 10].map((it) => it * unit).find((it) => it >= most);
}

/** Where things are in a picture so wide, and how many there are of them. */
function plot(width, most, count) {
  const left = 12 + 7.5 * numberText(most).length;
  const wide = width - left - right;
  const high = height - top - bottom;
  return {
    width, most, count, left, wide, high,
    step: wide / Math.max(1, count),
    x: (index) => left + (wide * (index + 0.5)) / Math.max(1, count),
    y: (value) => top + high * (1 - value / most),
  };
}

function paintGrid({ left, wide, most, y }) {
  return [0, most / 2, most].flatMap((value) => [
    draw("line", { class: "grid", x1: left, x2: left + wide, y1: y(value), y2: y(value) }),
    draw("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, numberText(value)),
  ]);
}

/** Names the first and the last point, and where there is room the middle one. */
function paintPoints({ width, left, wide, count, x }, points) {
  if (count === 0) return [];
  const label = (index, anchor, at) =>
    draw("text", { x: at, y: height - 8, "text-anchor": anchor }, points[index].short);
  if (count === 1) return [label(0, "middle", x(0))];
  const middle = Math.floor(count / 2);
  return [
    label(0, "start", left),
    ...(width > 460 && count > 4 ? [label(middle, "middle", x(middle))] : []),
    label(count - 1, "end", left + wide),
  ];
}

function paintLines({ x, y, count }, { series }) {
  return series.flatMap(({ values, tone, filled }) => {
    const line = values.map((value, index) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
    const drawn = [draw("path", { class: `line ${tone}`, d: `M${line.join("L")}` })];
    if (filled && count > 1) {
      const d = `M${x(0)} ${y(0)}L${line.join("L")}L${x(count - 1)} ${y(0)}Z`;
      drawn.unshift(draw("path", { class: `area ${tone}`, d }));
    }
    const end = values.length - 1;
    if (end >= 0) {
      drawn.push(draw("circle", { class: tone, cx: x(end), cy: y(values[end]), r: 3.5 }));
    }
    return drawn;
  });
}

function paintBars({ x, y, step, count }, { series }) {
  const width = Math.max(1, step * 0.72);
  return Array.from({ length: count }, (_, index) => {
    let base = 0;
    return series.map(({ values, tone }) => {
      const from = y(base);
      base += values[index];
      const high = from - y(base);
      const rect = { x: x(index) - width / 2, y: y(base), width, height: high, class: tone };
      return high > 0 ? draw("rect", rect) : "";
    });
  }).flat().filter(Boolean);
}

/** What a pointer over a point is told. */
function paintHints({ left, step }, { points, series }) {
  return points.map(({ long }, index) => {
    const told = series.map(({ label, values }) => `${label}: ${numberText(values[index])}`);
    return draw(
      "rect",
      { class: "hint-place", x: left + step * index, y: top, width: step, height: height - top },
      draw("title", {}, [long, ...told].join("\n")),
    );
  });
}

/** Which tone is which; of one that is alone the heading says it. */
function legend(series) {
  if (series.length < 2) return undefined;
  const marks = series.map(({ label, tone }) =>
    make(
      "li",
      {},
      draw(
        "svg",
        { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" },
        draw("rect", { x: 1, y: 1, width: 12, height: 12, rx: 3, class: tone }),
      ),
      label,
    ),
  );
  return make("ul", { class: "legend" }, ...marks);
}

/** The same as a table, for whoever does not see the picture or wants to know exactly. */
function numbers({ title, heading, points, series }) {
  const head = [heading, ...series.map(({ label }) => label)];
  const rows = points.map(({ long }, index) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, long),
      ...series.map(({ values }) => make("td", {}, numberText(values[index]))),
    ),
  );
  // The newest is what is looked for.
  rows.reverse();
  const table = make(
    "table",
    {},
    make("caption", { class: "unseen" }, title),
    make("thead", {}, make("tr", {}, ...head.map((it) => make("th", { scope: "col" }, it)))),
    make("tbody", {}, ...rows),
  );
  return make(
    "details",
    { class: "numbers" },
    make("summary", {}, text("chart.numbers")),
    make(
      "div",
      { class: "scrolling", tabindex: "0", role: "group", "aria-label": title },
      table,
    ),
  );
}
