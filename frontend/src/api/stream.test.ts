import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { setPaused } from "./live";
import { ApiProblem } from "./problem";
import { session } from "./session";
import { Stream } from "./stream";

class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readyState: number = WebSocket.OPEN;
  sent: unknown[] = [];
  closed = false;
  readonly url: URL;

  constructor(url: string) {
    this.url = new URL(url, "http://localhost");
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  hear(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  end(code: number): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code });
  }
}

let sockets: FakeSocket[];
let tickets: number;
let refusal: ApiProblem | null;
let stream: Stream;
let stops: (() => void)[];

/** Listens until the test ends. */
const listen: Stream["on"] = (topic, type, listener) => {
  const stop = stream.on(topic, type, listener);
  stops.push(stop);
  return stop;
};
const last = () => sockets.at(-1) ?? expect.unreachable("no socket was opened");
const settle = () => vi.advanceTimersByTimeAsync(0);
const user = { user_id: "7", email: "a@b.test", name: "A", role: "operator" } as never;

function show(state: "visible" | "hidden"): void {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  stops = [];
  tickets = 0;
  refusal = null;
  setPaused(false);
  session.state.set({ phase: "signed_in", user });
  stream = new Stream({
    ticket: async () => {
      tickets += 1;
      if (refusal !== null) throw refusal;
      return `ticket-${tickets}`;
    },
    open: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 1,
  });
});

afterEach(async () => {
  for (const stop of stops) stop();
  await settle();
  show("visible");
  vi.useRealTimers();
});

describe("the stream", () => {
  it("is not opened before somebody listens, and is closed when nobody does", async () => {
    await vi.advanceTimersByTimeAsync(120_000);
    expect(tickets).toBe(0);
    const stop = stream.on("payments", "payment.changed", () => undefined);
    await settle();
    expect(last().url.searchParams.get("topics")).toBe("payments");
    stop();
    await settle();
    expect(last().closed).toBe(true);
    expect(stream.status.get().phase).toBe("off");
  });

  it("hands each message to those who listen to its type", async () => {
    const heard: string[] = [];
    listen("payments", "payment.changed", (message) => heard.push(message.data.payment_id));
    await settle();
    last().hear({ type: "payment.changed", id: "5", data: { payment_id: "p1" } });
    last().hear({ type: "metrics.tick", data: {} });
    last().hear("not json");
    expect(heard).toEqual(["p1"]);
    expect(stream.status.get().phase).toBe("live");
  });

  it("tells the server when other topics are wanted, once for all changes of one turn", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    listen("alerts", "alert.created", () => undefined);
    stream.on("alerts", "alert.changed", () => undefined)();
    await settle();
    expect(last().sent.at(-1)).toEqual({ type: "filter", topics: ["alerts", "payments"], merchant_id: null });
  });

  it("answers heartbeats", async () => {
    listen("metrics", "metrics.tick", () => undefined);
    await settle();
    last().hear({ type: "heartbeat" });
    expect(last().sent).toContainEqual({ type: "pong" });
  });

  it("resumes after the last id that it heard", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    last().hear({ type: "hello", data: { resumed: false, last_id: "40" } });
    last().hear({ type: "payment.changed", id: "41", data: {} });
    last().end(1012);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sockets).toHaveLength(2);
    expect(last().url.searchParams.get("since")).toBe("41");
  });

  it("waits longer after each failure, up to half a minute", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      last().end(1006);
      const before = sockets.length;
      let waited = 0;
      while (sockets.length === before) {
        await vi.advanceTimersByTimeAsync(250);
        waited += 250;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it("takes a line that fell silent for dead", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    last().hear({ type: "heartbeat" });
    await vi.advanceTimersByTimeAsync(36_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it("paused sends nothing, however long, and goes on when it is resumed", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    setPaused(true);
    expect(last().closed).toBe(true);
    // jsdom tells of the stored choice by a timer of its own.
    await settle();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([tickets, sockets.length]).toEqual([1, 1]);
    expect(stream.status.get().phase).toBe("paused");
    setPaused(false);
    await settle();
    expect(sockets).toHaveLength(2);
  });

  it("paused while it waits for a ticket opens no socket with it", async () => {
    listen("payments", "payment.changed", () => undefined);
    await Promise.resolve();
    setPaused(true);
    await settle();
    expect(sockets.filter((socket) => !socket.closed)).toHaveLength(0);
  });

  it("sleeps when the tab is hidden for a while, and wakes with it", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    show("hidden");
    await vi.advanceTimersByTimeAsync(9_000);
    expect(last().closed).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(last().closed).toBe(true);
    expect(stream.status.get().phase).toBe("asleep");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(tickets).toBe(1);
    show("visible");
    await settle();
    expect(sockets).toHaveLength(2);
  });

  it("does not knock again where the role gets nothing, until another user comes", async () => {
    refusal = new ApiProblem({ status: 403, code: "forbidden" });
    listen("payments", "payment.changed", () => undefined);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(tickets).toBe(1);
    expect(stream.status.get().phase).toBe("refused");
    refusal = null;
    session.state.set({ phase: "signed_in", user: { ...(user as object), user_id: "8" } as never });
    await settle();
    expect(sockets).toHaveLength(1);
  });

  it("closes when the user signs out", async () => {
    listen("payments", "payment.changed", () => undefined);
    await settle();
    session.state.set({ phase: "signed_out" });
    expect(last().closed).toBe(true);
  });
});
