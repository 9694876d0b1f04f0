// The committed types must be what the committed document generates; `payflow openapi --check` proves the document.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "payflow-types-"));
try {
  const made = join(folder, "schema.d.ts");
  const tool = join("node_modules", ".bin", "openapi-typescript");
  const options = ["--default-non-nullable", "false", "--alphabetize"];
  execFileSync(tool, ["openapi.json", "--output", made, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (readFileSync(made, "utf8") !== readFileSync("src/api/schema.d.ts", "utf8")) {
    console.error("src/api/schema.d.ts is not what openapi.json generates. Run: npm run types");
    process.exit(1);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
