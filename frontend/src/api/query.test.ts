import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pollEvery, setPaused } from "./live";
import { createQueryClient } from "./query";

beforeEach(() => {
  vi.useFakeTimers();
  setPaused(false);
});

afterEach(() => vi.useRealTimers());

it("a pause stops a poll that was waited for, and a resume starts it again", async () => {
  const client = createQueryClient();
  const asked = vi.fn(async () => "news");
  const observer = new QueryObserver(client, {
    queryKey: ["polled"],
    queryFn: asked,
    refetchInterval: pollEvery(4_000),
  });
  const stop = observer.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(9_000);
  const before = asked.mock.calls.length;
  expect(before).toBe(3);

  setPaused(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveBeenCalledTimes(before);

  setPaused(false);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toHaveBeenCalledTimes(before + 1);
  stop();
});
