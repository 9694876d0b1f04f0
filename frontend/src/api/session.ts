import { randomId } from "./identifiers";
import { ApiProblem, problemOf, unreachable } from "./problem";
import { Store, useStore } from "./store";
import type { Reply } from "./types";

export type Me = Reply<"/users/me">;
type SessionBody = Reply<"/auth/login", "post">;

/**
 * starting: the cookie is being tried; expired: the user was signed in and the server no longer agrees, so the
 * page stays and only asks for the password again.
 */
export type SessionState =
  | { phase: "starting" }
  | { phase: "signed_out" }
  | { phase: "unreachable"; problem: ApiProblem }
  | { phase: "signed_in"; user: Me }
  | { phase: "expired"; user: Me };

/** An access token this close to its end is renewed before it is used. */
const RENEW_BEFORE_S = 15;
const DEADLINE_MS = 30_000;
const BASE = `${window.location.origin}/api/v1`;

/**
 * Who is signed in. The access token lives in this object and nowhere else; the refresh token is a cookie that no
 * script can read. Nothing here runs on a timer: a token is renewed when a call needs it.
 */
export class Session {
  readonly state = new Store<SessionState>({ phase: "starting" });
  private token: string | null = null;
  private renewAt = 0;
  private renewing: Promise<boolean> | null = null;
  private readonly now: () => number;

  private readonly tabs: BroadcastChannel;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    // Signing out means out: the other tabs of this browser show nothing any more either.
    this.tabs = new BroadcastChannel("payflow.session");
    this.tabs.onmessage = () => this.forget();
  }

  /** Tries the cookie, once, when the console opens. */
  async start(): Promise<void> {
    try {
      await this.renew();
    } catch (error) {
      const problem = error instanceof ApiProblem ? error : unreachable(false);
      this.state.set({ phase: "unreachable", problem });
    }
  }

  async signIn(email: string, password: string): Promise<Me> {
    const response = await send("/auth/login", { email, password });
    if (!response.ok) throw await problemOf(response);
    return this.adopt((await response.json()) as SessionBody);
  }

  /** Ends the session here even when the server cannot be told; the token is gone either way. */
  async signOut(): Promise<void> {
    try {
      await send("/auth/logout", undefined, this.token);
    } finally {
      this.forget();
      this.tabs.postMessage("signed out");
    }
  }

  /** Drops what is known of the user, as when another tab signed out. */
  forget(): void {
    this.token = null;
    this.renewAt = 0;
    this.state.set({ phase: "signed_out" });
  }

  /** The user as a later answer of the server tells it: new name, new preferences. */
  updateUser(user: Me): void {
    const state = this.state.get();
    if (state.phase === "signed_in") this.state.set({ phase: "signed_in", user });
  }

  /**
   * Sends a request as the user: renews the token before its end, and once more if the server says it is over. The
   * deadline covers the body too, so whatever streams for long has to say so.
   */
  async fetch(request: Request, deadlineMs = DEADLINE_MS): Promise<Response> {
    if (this.token !== null && this.now() >= this.renewAt) await this.renew();
    const retry = request.clone();
    const used = this.token;
    const response = await deliver(authorized(request, used), deadlineMs);
    if (response.status !== 401 || used === null) return response;
    const renewed = this.token !== used ? this.token !== null : await this.renew();
    return renewed ? deliver(authorized(retry, this.token), deadlineMs) : response;
  }

  /** One renewal at a time, whoever asks; false means that the server ended the session. */
  private renew(): Promise<boolean> {
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async renewOnce(): Promise<boolean> {
    const response = await send("/auth/refresh");
    if (response.ok) {
      this.adopt((await response.json()) as SessionBody);
      return true;
    }
    if (response.status !== 401) throw await problemOf(response);
    const state = this.state.get();
    this.token = null;
    if (state.phase === "signed_in") this.state.set({ phase: "expired", user: state.user });
    else if (state.phase !== "expired") this.state.set({ phase: "signed_out" });
    return false;
  }

  private adopt(body: SessionBody): Me {
    this.token = body.access_token;
    this.renewAt = this.now() + Math.max(1, body.expires_in_s - RENEW_BEFORE_S) * 1000;
    this.state.set({ phase: "signed_in", user: body.user });
    return body.user;
  }
}

function authorized(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  if (!request.headers.has("X-Correlation-Id")) request.headers.set("X-Correlation-Id", randomId());
  return request;
}

async function deliver(request: Request, deadlineMs = DEADLINE_MS): Promise<Response> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, deadline]) });
  } catch (error) {
    // A caller that gave up gets its own abort back; everything else is a network that did not answer.
    if (request.signal.aborted) throw error;
    throw unreachable(deadline.aborted);
  }
}

function send(path: string, body?: unknown, token: string | null = null): Promise<Response> {
  const headers = new Headers();
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const init: RequestInit = { method: "POST", headers, credentials: "same-origin" };
  if (body !== undefined) init.body = JSON.stringify(body);
  return deliver(authorized(new Request(BASE + path, init), token));
}

export const session = new Session();

export function useSession(): SessionState {
  return useStore(session.state);
}

/** The signed-in user. Only pages behind the session gate may call it. */
export function useMe(): Me {
  const state = useSession();
  if (state.phase !== "signed_in" && state.phase !== "expired") throw new Error("No user is signed in.");
  return state.user;
}
