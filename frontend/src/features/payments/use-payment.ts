import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, takeTagged } from "@/api/client";
import { parseExact } from "@/api/exact-json";
import { pollWithoutStream } from "@/api/stream";
import type { TransactionDetail } from "@/api/types";
import { useStreamMessage } from "@/api/use-stream";

export const paymentsKey = ["payments"] as const;
export const paymentKey = (paymentId: string) => [...paymentsKey, "one", paymentId] as const;

export interface Payment {
  body: TransactionDetail;
  /** What a change of it has to name in If-Match. */
  etag: string;
}

/** One payment. It is read digit by digit, since the provider's own JSON may hold numbers that JavaScript would round. */
export function usePayment(paymentId: string) {
  return useQuery({
    queryKey: paymentKey(paymentId),
    refetchInterval: pollWithoutStream(POLL_MS),
    queryFn: async ({ signal }): Promise<Payment> => {
      const params = { path: { payment_id: paymentId } };
      const call = api.GET("/transactions/{payment_id}", { params, signal, parseAs: "text" });
      const { body, etag } = await takeTagged<string>(call as never);
      return { body: parseExact(body) as unknown as TransactionDetail, etag };
    },
  });
}

const SETTLE_MS = 400;
const POLL_MS = 5_000;

/** Reads the payment again soon after the stream says that it changed; a burst of changes is one reading. */
export function usePaymentNews(paymentId: string): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useStreamMessage("payments", "payment.changed", ({ data }) => {
    if (data.payment_id !== paymentId || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: paymentKey(paymentId) });
    }, SETTLE_MS);
  });
}
