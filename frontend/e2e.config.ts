import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The suite lives with the other end-to-end tests; its packages are the console's.
export default defineConfig({
  root: here("../tests/e2e/console"),
  resolve: {
    alias: {
      "playwright-core": here("./node_modules/playwright-core/index.mjs"),
      "axe-core": here("./node_modules/axe-core"),
    },
  },
  server: { fs: { allow: [here("..")] } },
  test: {
    environment: "node",
    globalSetup: "./system.ts",
    include: ["*.test.ts"],
    // One system and one browser at a time: the files share both cores with all servers.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
  },
});
