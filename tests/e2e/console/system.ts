import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

/** One throw-away system for the whole suite: `payflow up` with a demo stream, in a folder of its own. */

const PAYFLOW = resolve(import.meta.dirname, "../../../.venv/bin/payflow");
const DEMO_EVENTS_PER_S = "50";
const START_MS = 120_000;
const STOP_MS = 30_000;

export const PASSWORD = "correct-horse-9-battery";
/** The first administrator comes with `payflow up`; these are added. */
const USERS = [
  { email: "operator@payflow.test", role: "operator" },
  { email: "reader@payflow.test", role: "read_only" },
] as const;

declare module "vitest" {
  interface ProvidedContext {
    console: string;
  }
}

export default async function start(project: TestProject): Promise<() => Promise<void>> {
  // PostgreSQL refuses to run as root, so its own account has to reach the folder.
  const folder = mkdtempSync(join(tmpdir(), "payflow-console-"));
  chmodSync(folder, 0o711);
  const data = join(folder, "data");
  const environment = {
    ...onlyOurs(process.env),
    PAYFLOW_DATA_DIR: data,
    PAYFLOW_EMBEDDED_SQS_PORT: "0",
    PAYFLOW_WORKER_METRICS_PORT: "0",
    PAYFLOW_API_PORT: "0",
    PAYFLOW_API_ADMIN_PASSWORD: PASSWORD,
  };
  const up = run(["up", "--demo", DEMO_EVENTS_PER_S, "--data-dir", data], environment);
  const stop = async () => {
    await ended(up);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [, url] = await said(up, /^ready .*\bconsole=(http:\S+)/m);
    for (const { email, role } of USERS) {
      await finished(
        run(["user", "create", email, "--role", role, "--password-stdin"], environment, PASSWORD),
      );
    }
    project.provide("console", url ?? "");
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Nobody's own settings or credentials reach the suite. */
function onlyOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(PAYFLOW|AWS)_/.test(name)));
}

function run(args: string[], environment: NodeJS.ProcessEnv, input?: string): ChildProcess {
  const child = spawn(PAYFLOW, args, { env: environment, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin?.end(input);
  return child;
}

/** Waits until a process says something; gives what matched, or fails with all that it said. */
function said(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve_, reject) => {
    let text = "";
    const timer = setTimeout(() => fail("it took too long"), START_MS);
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${child.spawnargs.join(" ")}: ${why}.\n${text}`));
    };
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match === null) return;
      clearTimeout(timer);
      resolve_(match);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`it ended with code ${code}`));
  });
}

async function finished(child: ChildProcess): Promise<void> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((resolve_) => child.once("exit", resolve_));
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} ended with code ${code}.\n${text}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve_) => child.once("exit", resolve_));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(timer);
}
