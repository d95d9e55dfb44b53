// The audit as a file: rows are fetched page by page, for as long as one wants, and offered as a
// download.

import { call, Refusal } from "./calls.js";
import { button, make } from "./elements.js";
import { attempt } from "./forms.js";
import { numberText, text } from "./sentences.js";

/** Of a file; more of them are better read from the database. */
const rowsMax = 100_000;
const pageSize = 200;

/** Where too much is asked at once the gateway says how long to wait; for longer we do not. */
const waitSecondsMax = 120;

const formula = /^(?=[\t\r])|(^|[;\t\r\n])(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;

const columns = [
  "at", "service", "id", "event", "actor", "actorName", "subject", "subjectName", "source",
  "trace", "details",
];

const formats = {
  csv: {
    type: "text/csv;charset=utf-8",
    // By this mark spreadsheets know that it is UTF-8.
    head: () => `\uFEFF${csvLine(columns)}`,
    line: (row) => csvLine(columns.map((name) => cellText(row, name))),
  },
  jsonl: {
    type: "application/jsonl",
    head: () => "",
    line: (row) => `${JSON.stringify(row)}\n`,
  },
};

function cellText(row, name) {
  if (name !== "details") return String(row[name] ?? "");
  const details = (row.details ?? []).map(({ key, value = "" }) => [key, value]);
  return details.length > 0 ? JSON.stringify(Object.fromEntries(details)) : "";
}

/** RFC 4180: cells in quotation marks, lines that end with CR LF. */
function csvLine(cells) {
  return `${cells.map((cell) => `"${harmless(cell).replaceAll('"', '""')}"`).join(",")}\r\n`;
}

/**
 * What spreadsheets would take for a formula: others have chosen some of these texts. Where the
 * system parts lists by semicolons, as in the Netherlands, a cell begins behind each of them, in
 * quotation marks or not; where people write Chinese, wide signs begin a formula too.
 */
function harmless(cell) {
  return cell.replace(formula, "$1'");
}

/** Fetches what `wanted` says, until there is no more, it is enough, or `isStopped()`. */
async function fetchRows(wanted, { take, isStopped }) {
  let after = "";
  let count = 0;
  do {
    const limit = Math.min(pageSize, rowsMax - count);
    const page = await patient(() =>
      call("AdminService/ListAudit", { ...wanted, after, limit }),
    );
    const rows = page.rows ?? [];
    count += rows.length;
    take(rows, count);
    after = page.next ?? "";
  } while (after && count < rowsMax && !isStopped());
  return { count, isWhole: !after };
}

/** Tries again where a call was one too many, after the time that is asked for. */
async function patient(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const seconds = error instanceof Refusal ? error.retryAfterSeconds : undefined;
      if (!(seconds <= waitSecondsMax)) throw error;
      await new Promise((over) => setTimeout(over, 1000 * Math.max(1, seconds)));
    }
  }
}

/** The buttons and what becomes of them, in `place`; `wanted()` says which rows. */
export function showExport(place, wanted) {
  const buttons = Object.keys(formats).map((format) =>
    button(text(`export.${format}`), () => attempt(() => makeFile(format))),
  );
  const progress = make("div", { hidden: true });
  const done = make("div", { role: "status" });
  let isRunning = false;
  let address;

  const makeFile = async (format) => {
    if (isRunning) return;
    isRunning = true;
    done.replaceChildren();
    if (address) URL.revokeObjectURL(address);
    try {
      const { blob, ...told } = await fetchFile(format, wanted(), progress);
      address = URL.createObjectURL(blob);
      showFile(done, address, format, told);
    } finally {
      isRunning = false;
      progress.hidden = true;
    }
  };
  place.replaceChildren(
    make("p", {}, text("export.why", numberText(rowsMax))),
    make("div", { class: "actions" }, ...buttons),
    progress,
    done,
  );
}

/** Shows how far it is, and a way to stop, in `place`. */
async function fetchFile(format, wanted, place) {
  const { type, head, line } = formats[format];
  const parts = [head()];
  let isStopped = false;
  const told = make("p", {}, text("export.fetched", numberText(0)));
  const stop = button(text("export.stop"), () => {
    isStopped = true;
  });
  place.replaceChildren(told, make("div", { class: "actions" }, stop));
  place.hidden = false;
  stop.focus();
  const { count, isWhole } = await fetchRows(wanted, {
    take: (rows, sum) => {
      parts.push(rows.map(line).join(""));
      told.textContent = text("export.fetched", numberText(sum));
    },
    isStopped: () => isStopped,
  });
  return { blob: new Blob(parts, { type }), count, isWhole, isStopped };
}

function showFile(place, address, format, { count, isWhole, isStopped }) {
  const name = `audit-${new Date().toISOString().slice(0, 10)}.${format}`;
  const label = text("export.download", name);
  const link = make("a", { class: "button primary", href: address, download: name }, label);
  const cut = isStopped
    ? text("export.is_stopped")
    : text("export.is_cut", numberText(rowsMax));
  place.replaceChildren(
    make("p", {}, text("export.is_done", count)),
    isWhole ? "" : make("p", { class: "caution" }, cut),
    count > 0 ? make("div", { class: "actions" }, link) : "",
  );
  link.focus();
}
