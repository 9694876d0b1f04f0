// What a browser has to load before the first page shows: the entry, what it imports at once, and the heaviest page
// that can be first. Charts and every other page come later, when they are asked for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const FIRST_ROUTE_JS_BYTES_MAX = 230_000;
const CSS_BYTES_MAX = 60_000;

const folder = process.argv[2] ?? "../python/payflow/api/console";
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
const sizes = new Map();

function size(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(folder, file)), { level: 9 }).length);
  return sizes.get(file);
}

/** The files that a chunk needs at once: itself, its static imports, their stylesheets. */
function needs(key, found = new Set()) {
  const chunk = manifest[key];
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const sheet of chunk.css ?? []) found.add(sheet);
  for (const imported of chunk.imports ?? []) needs(imported, found);
  return found;
}

const total = (files, suffix) =>
  [...files].filter((file) => file.endsWith(suffix)).reduce((sum, file) => sum + size(file), 0);

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const pages = Object.keys(manifest).filter((key) => /^src\/features\/[^/]+\/[^/]*page\.tsx$/.test(key));
const rows = pages.map((page) => {
  const files = needs(page, needs(entry));
  return { page, script: total(files, ".js"), style: total(files, ".css") };
});
rows.sort((a, b) => b.script - a.script);
for (const row of rows) {
  console.log(
    `${(row.script / 1000).toFixed(1).padStart(7)} KB js ${(row.style / 1000).toFixed(1).padStart(6)} KB css  ${row.page}`,
  );
}
const worst = rows[0];
if (worst.script > FIRST_ROUTE_JS_BYTES_MAX || worst.style > CSS_BYTES_MAX) {
  console.error(
    `Over the budget of ${FIRST_ROUTE_JS_BYTES_MAX / 1000} KB of JavaScript and ${CSS_BYTES_MAX / 1000} KB of CSS, gzip: ${worst.page}`,
  );
  process.exit(1);
}
