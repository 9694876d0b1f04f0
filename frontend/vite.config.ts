import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the API; `make run` prints the port that it serves on.
const api = process.env.PAYFLOW_API_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": { target: api, ws: true },
    },
  },
  build: {
    outDir: "../python/payflow/api/console",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    manifest: "manifest.json",
    // An inlined asset would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://localhost:3000/" } },
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 180_000,
    // Screens are heavy; more of them at once than cores only makes each slower.
    maxWorkers: 2,
    css: false,
  },
});
