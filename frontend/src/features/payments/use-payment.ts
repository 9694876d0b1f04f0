import { useQuery } from "@tanstack/react-query";
import { api, takeTagged } from "@/api/client";

export const paymentKey = (paymentId: string) => ["payments", "one", paymentId] as const;

/** One payment with its entity tag, which every change of it has to name. */
export function usePayment(paymentId: string) {
  return useQuery({
    queryKey: paymentKey(paymentId),
    queryFn: ({ signal }) =>
      takeTagged(
        api.GET("/transactions/{payment_id}", { params: { path: { payment_id: paymentId } }, signal }),
      ),
  });
}
