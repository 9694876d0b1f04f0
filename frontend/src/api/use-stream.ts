import { useEffect, useRef } from "react";
import { useStore } from "./store";
import { type StreamStatus, stream } from "./stream";
import type { MessageOf, MessageType, Topic } from "./stream-messages";

/** Calls back on each message of a type while the component is mounted; topic null listens without asking. */
export function useStreamMessage<T extends MessageType>(
  topic: Topic | null,
  type: T,
  callback: (message: MessageOf<T>) => void,
): void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  useEffect(() => stream.on(topic, type, (message) => latest.current(message)), [topic, type]);
}

export function useStreamStatus(): StreamStatus {
  return useStore(stream.status);
}
