import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "./problem";
import { Session } from "./session";

const USER = { user_id: "7", email: "dana@payflow.test", name: "Dana", role: "operator" };

/** A server that knows which tokens are good; each sign-in and renewal hands out the next one. */
class Server {
  issued = 0;
  refreshes = 0;
  seen: string[] = [];
  cookie = true;
  reachable = true;
  /** Tokens that the server no longer takes. */
  ended = new Set<string>();
  release: (() => void) | null = null;

  readonly fetch = async (request: Request): Promise<Response> => {
    if (!this.reachable) throw new TypeError("failed to fetch");
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    if (path === "/auth/login") return this.session();
    if (path === "/auth/logout") return new Response(null, { status: 204 });
    if (path === "/auth/refresh") {
      this.refreshes += 1;
      if (this.release !== null) await new Promise<void>((resolve) => (this.release = resolve));
      return this.cookie ? this.session() : problem(401, "unauthorized");
    }
    const token = request.headers.get("Authorization")?.replace("Bearer ", "") ?? "none";
    this.seen.push(token);
    return this.ended.has(token)
      ? problem(401, "token_expired")
      : Response.json({ body: await request.text() });
  };

  private session(): Response {
    this.issued += 1;
    return Response.json({ access_token: `t${this.issued}`, expires_in_s: 600, user: USER });
  }
}

function problem(status: number, code: string): Response {
  return Response.json({ status, code, title: code, detail: code, correlation_id: "c1" }, { status });
}

const call = (body?: string) =>
  new Request(
    "http://localhost:3000/api/v1/transactions",
    body === undefined ? {} : { method: "POST", body },
  );

let server: Server;
let now: number;
let session: Session;

beforeEach(() => {
  server = new Server();
  now = 0;
  session = new Session(() => now);
  vi.stubGlobal("fetch", server.fetch);
});
afterEach(() => vi.unstubAllGlobals());

describe("a session", () => {
  it("starts from the cookie, without a password", async () => {
    await session.start();
    expect(session.state.get()).toMatchObject({ phase: "signed_in", user: { user_id: "7" } });
  });

  it("is signed out where there is no cookie", async () => {
    server.cookie = false;
    await session.start();
    expect(session.state.get().phase).toBe("signed_out");
  });

  it("tells an unreachable server from a session that ended", async () => {
    server.reachable = false;
    await session.start();
    expect(session.state.get().phase).toBe("unreachable");
  });

  it("renews the token before its end, when a call needs it, and not before", async () => {
    await session.start();
    now = 584_000;
    await session.fetch(call());
    expect(server.refreshes).toBe(1);
    now = 585_001;
    await session.fetch(call());
    expect(server.refreshes).toBe(2);
    expect(server.seen).toEqual(["t1", "t2"]);
  });

  it("renews once for all calls that find the token ended, and repeats each with its body", async () => {
    await session.start();
    server.ended.add("t1");
    server.release = () => undefined;
    const calls = [session.fetch(call("a")), session.fetch(call("b")), session.fetch(call("c"))];
    await vi.waitFor(() => expect(server.seen).toHaveLength(3));
    await vi.waitFor(() => expect(server.refreshes).toBe(2));
    server.release();
    const bodies = await Promise.all(calls.map(async (each) => (await each).json()));
    expect(bodies).toEqual([{ body: "a" }, { body: "b" }, { body: "c" }]);
    expect(server.refreshes).toBe(2);
  });

  it("that ended keeps the user, so that the page can stay", async () => {
    await session.start();
    server.ended.add("t1");
    server.cookie = false;
    const response = await session.fetch(call());
    expect(response.status).toBe(401);
    expect(session.state.get()).toMatchObject({ phase: "expired", user: { user_id: "7" } });
    await session.signIn("dana@payflow.test", "right");
    expect(session.state.get().phase).toBe("signed_in");
  });

  it("does not repeat a call that the server refuses again", async () => {
    await session.start();
    server.ended.add("t1").add("t2");
    expect((await session.fetch(call())).status).toBe(401);
    expect(server.seen).toEqual(["t1", "t2"]);
  });

  it("survives a renewal that the network lost: the call fails, the session stays", async () => {
    await session.start();
    server.reachable = false;
    now = 600_000;
    await expect(session.fetch(call())).rejects.toBeInstanceOf(ApiProblem);
    expect(session.state.get().phase).toBe("signed_in");
    server.reachable = true;
    expect((await session.fetch(call())).ok).toBe(true);
  });

  it("forgets the token on signing out, even when the server cannot be told", async () => {
    await session.start();
    server.reachable = false;
    await expect(session.signOut()).rejects.toBeInstanceOf(ApiProblem);
    expect(session.state.get().phase).toBe("signed_out");
    server.reachable = true;
    await session.fetch(call());
    expect(server.seen).toEqual(["none"]);
  });

  it("ends in the other tabs too", async () => {
    const other = new Session(() => now);
    await session.start();
    await other.start();
    await session.signOut();
    await vi.waitFor(() => expect(other.state.get().phase).toBe("signed_out"));
  });

  it("never writes the token where a script could find it", async () => {
    await session.start();
    expect(
      JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie,
    ).not.toContain("t1");
  });
});
