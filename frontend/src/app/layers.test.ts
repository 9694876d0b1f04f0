import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/** Which layers a layer may import. Features are told apart: none imports another. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  api: ["api"],
  ui: ["ui", "api"],
  features: ["ui", "api"],
  app: ["app", "features", "ui", "api"],
  test: ["test", "app", "features", "ui", "api"],
};
const LINES_MAX = 400;

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"))
  .map((file) => file.replaceAll("\\", "/"));
const sources = files.filter((file) => file.includes("/") && !/\.test\.tsx?$/.test(file));

function imports(file: string): string[] {
  const text = readFileSync(join("src", file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"((?:@\/|\.)[^"]+)"/g)]
    .map(([, path]) => path ?? "")
    .map((path) =>
      path.startsWith("@/") ? path.slice(2) : normalize(join(dirname(file), path)).replaceAll("\\", "/"),
    );
}

describe("the layers of the console", () => {
  it.each(sources)("%s imports only downwards", (file) => {
    const [layer = "", feature] = file.split("/");
    for (const path of imports(file)) {
      const [to = "", toFeature] = path.split("/");
      const ownFeature = layer === "features" && to === "features" && toFeature === feature;
      // A feature's face is typed by the app that mounts it; types vanish from the build.
      const face = layer === "features" && path === "app/feature";
      expect(ownFeature || face || MAY[layer]?.includes(to), `${file} imports ${path}`).toBe(true);
    }
  });

  it.each(files)("%s can be read in one sitting", (file) => {
    expect(readFileSync(join("src", file), "utf8").split("\n").length).toBeLessThanOrEqual(LINES_MAX);
  });
});
