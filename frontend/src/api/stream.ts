import { api, take } from "./client";
import { paused } from "./live";
import { ApiProblem } from "./problem";
import { session } from "./session";
import { Store } from "./store";
import {
  type MessageOf,
  type MessageType,
  parseMessage,
  type StreamMessage,
  type Topic,
} from "./stream-messages";

/** off: nobody listens or nobody is signed in; asleep: the tab is hidden; waiting: until the next attempt. */
export type StreamPhase = "off" | "paused" | "asleep" | "connecting" | "live" | "waiting" | "refused";

export interface StreamStatus {
  phase: StreamPhase;
  /** When the last word of the server came, in milliseconds of `Date.now`; null before the first. */
  heardAt: number | null;
}

export interface StreamParts {
  ticket: () => Promise<string>;
  open: (url: string) => WebSocket;
  random: () => number;
}

/** The server sends a heartbeat each 15 s; twice that in silence and the line is taken for dead. */
const SILENCE_MS = 35_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 30_000;
/** A tab that was hidden this long stops listening, so that glancing at another tab costs nothing. */
const SLEEP_AFTER_MS = 10_000;
const ACCESS_ENDED = 4001;
const FORBIDDEN = 4003;

type Listener = (message: StreamMessage) => void;

/**
 * The one WebSocket of this tab. It is open while somebody listens, the tab is seen, a user is signed in and the
 * pause is off; otherwise there is neither a socket nor a timer that would make one. It resumes after the last id.
 */
export class Stream {
  readonly status = new Store<StreamStatus>({ phase: "off", heardAt: null });
  private readonly parts: StreamParts;
  private readonly listeners = new Map<MessageType, Set<Listener>>();
  private readonly topics = new Map<Topic, number>();
  private socket: WebSocket | null = null;
  private lastId: string | null = null;
  private attempts = 0;
  private attempt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private sleepTimer: ReturnType<typeof setTimeout> | undefined;
  private asleep = false;
  private refusedUser: string | null = null;

  constructor(parts: StreamParts) {
    this.parts = parts;
    paused.subscribe(() => this.follow());
    session.state.subscribe(() => this.follow());
    document.addEventListener("visibilitychange", () => this.seen());
  }

  /** Listens to one type of message; the topic is asked for as long as anybody listens to it. */
  on<T extends MessageType>(
    topic: Topic | null,
    type: T,
    listener: (message: MessageOf<T>) => void,
  ): () => void {
    const group = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, group);
    group.add(listener as Listener);
    if (topic !== null) this.want(topic, 1);
    return () => {
      group.delete(listener as Listener);
      if (topic !== null) this.want(topic, -1);
    };
  }

  /** Tries at once, as when the operator asks for it. */
  reconnect(): void {
    this.attempts = 0;
    this.refusedUser = null;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.follow();
  }

  private want(topic: Topic, change: 1 | -1): void {
    const count = (this.topics.get(topic) ?? 0) + change;
    if (count > 0) this.topics.set(topic, count);
    else this.topics.delete(topic);
    // Pages hand over to each other within one turn; the server hears only what remains.
    queueMicrotask(() => {
      if (this.socket?.readyState === WebSocket.OPEN && this.topics.size > 0) this.sendFilter();
      this.follow();
    });
  }

  private seen(): void {
    clearTimeout(this.sleepTimer);
    if (document.visibilityState === "hidden") {
      this.sleepTimer = setTimeout(() => {
        this.asleep = true;
        this.follow();
      }, SLEEP_AFTER_MS);
    } else {
      this.asleep = false;
      this.follow();
    }
  }

  private obstacle(): StreamPhase | null {
    const state = session.state.get();
    if (state.phase !== "signed_in" || this.topics.size === 0) return "off";
    if (this.refusedUser === state.user.user_id) return "refused";
    if (paused.get()) return "paused";
    return this.asleep ? "asleep" : null;
  }

  /** Makes the connection what the moment asks for. */
  private follow(): void {
    const obstacle = this.obstacle();
    if (obstacle !== null) {
      this.drop();
      this.attempts = 0;
      this.tell(obstacle);
    } else if (
      this.socket === null &&
      this.retryTimer === undefined &&
      this.status.get().phase !== "connecting"
    ) {
      void this.connect();
    }
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    this.tell("connecting");
    try {
      const ticket = await this.parts.ticket();
      if (attempt !== this.attempt) return;
      const query = new URLSearchParams({ ticket, topics: [...this.topics.keys()].sort().join(",") });
      if (this.lastId !== null) query.set("since", this.lastId);
      const socket = this.parts.open(`/api/v1/stream?${query}`);
      this.socket = socket;
      socket.onmessage = (event) => this.hear(parseMessage(event.data));
      socket.onclose = (event) => {
        if (this.socket === socket) this.closed(event.code);
      };
      this.expectWord();
    } catch (error) {
      if (attempt !== this.attempt) return;
      if (error instanceof ApiProblem && error.status === 403) this.closed(FORBIDDEN);
      else this.retryLater();
    }
  }

  private hear(message: StreamMessage | null): void {
    this.expectWord();
    if (message === null) return;
    this.attempts = 0;
    if (message.type === "heartbeat") this.socket?.send(JSON.stringify({ type: "pong" }));
    if (message.type === "hello" && message.data.last_id !== null) this.lastId = message.data.last_id;
    if ("id" in message && message.id !== undefined) this.lastId = message.id;
    // A thousand messages a second must not redraw the indicator a thousand times.
    const { phase, heardAt } = this.status.get();
    const now = Date.now();
    if (phase !== "live" || now - (heardAt ?? 0) >= 1000) this.tell("live", now);
    for (const listener of [...(this.listeners.get(message.type) ?? [])]) listener(message);
  }

  private closed(code: number): void {
    this.drop();
    const state = session.state.get();
    if (code === FORBIDDEN && state.phase === "signed_in") {
      this.refusedUser = state.user.user_id;
      this.tell("refused");
    } else {
      // 4001: the ticket of the next attempt renews the session, or ends it where the user sees it.
      if (code === ACCESS_ENDED) this.attempts = Math.max(this.attempts, 1);
      this.retryLater();
    }
  }

  private retryLater(): void {
    this.drop();
    const ceiling = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** this.attempts);
    this.attempts += 1;
    this.tell("waiting");
    this.retryTimer = setTimeout(
      () => {
        this.retryTimer = undefined;
        this.follow();
      },
      ceiling / 2 + (this.parts.random() * ceiling) / 2,
    );
  }

  private expectWord(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.retryLater(), SILENCE_MS);
  }

  private sendFilter(): void {
    this.socket?.send(
      JSON.stringify({ type: "filter", topics: [...this.topics.keys()].sort(), merchant_id: null }),
    );
  }

  private drop(): void {
    this.attempt += 1;
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.retryTimer = undefined;
    const socket = this.socket;
    this.socket = null;
    if (socket !== null) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(1000);
    }
  }

  private tell(phase: StreamPhase, heardAt = this.status.get().heardAt): void {
    this.status.set({ phase, heardAt });
  }
}

/** How often a query may poll in place of a stream that is not there: never while it is live, nor while paused. */
export function pollWithoutStream(milliseconds: number): () => number | false {
  return () => (paused.get() || stream.status.get().phase === "live" ? false : milliseconds);
}

export const stream = new Stream({
  ticket: async () => (await take(api.POST("/stream/ticket"))).ticket,
  open: (url) => new WebSocket(window.location.origin.replace(/^http/, "ws") + url),
  random: Math.random,
});
