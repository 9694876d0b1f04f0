import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, take } from "@/api/client";
import { randomId } from "@/api/identifiers";
import { ApiProblem } from "@/api/problem";
import type { CommandKind, CommandOutcome } from "@/api/types";
import { paymentsKey } from "./use-payment";

export interface CommandRequest {
  kind: CommandKind;
  paymentId: string;
  etag: string;
  /** Null for a command without an amount. */
  amountMinor: number | null;
  reason: string;
}

function send(
  request: CommandRequest,
  key: string,
  dryRun: boolean,
  signal?: AbortSignal,
): Promise<CommandOutcome> {
  const body = {
    ...(request.amountMinor === null ? {} : { amount_minor: request.amountMinor }),
    ...(request.reason === "" ? {} : { reason: request.reason }),
  };
  const options = {
    params: {
      path: { payment_id: request.paymentId },
      header: { "Idempotency-Key": key, "If-Match": request.etag },
      query: dryRun ? { dry_run: true } : {},
    },
    body,
    ...(signal === undefined ? {} : { signal }),
  };
  switch (request.kind) {
    case "capture":
      return take(api.POST("/transactions/{payment_id}/capture", options));
    case "void":
      return take(api.POST("/transactions/{payment_id}/void", options));
    case "refund":
      return take(api.POST("/transactions/{payment_id}/refund", options));
    case "cancel":
      return take(api.POST("/transactions/{payment_id}/cancel", options));
  }
}

/** What the command would change, from the same code on the server that would do it. */
export function useDryRun(request: CommandRequest | null) {
  return useQuery({
    queryKey: [
      ...paymentsKey,
      "plan",
      request?.paymentId,
      request?.kind,
      request?.amountMinor,
      request?.etag,
    ],
    queryFn: ({ signal }) => send(request as CommandRequest, randomId(), true, signal),
    enabled: request !== null,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/**
 * Gives the command. One intention has one idempotency key: pressing again after a lost answer repeats the call and
 * not the refund. Another amount, reason or state of the payment is another intention.
 */
export function useCommand(onDone: (outcome: CommandOutcome) => void) {
  const client = useQueryClient();
  const intention = useRef({ text: "", key: "" });
  return useMutation({
    mutationFn: (request: CommandRequest) => {
      const text = JSON.stringify(request);
      if (intention.current.text !== text) intention.current = { text, key: randomId() };
      return send(request, intention.current.key, false);
    },
    onSuccess: onDone,
    onSettled: (_, error) => {
      // Whatever the answer was, the payment may have changed; only a refused body says nothing about it.
      if (error instanceof ApiProblem && error.code === "invalid_body") return undefined;
      return client.invalidateQueries({ queryKey: paymentsKey });
    },
  });
}
