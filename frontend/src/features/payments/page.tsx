import { lazy, Suspense } from "react";
import { api, take } from "@/api/client";
import { stream } from "@/api/stream";
import { Identifier } from "@/ui/copy/identifier";
import { links } from "@/ui/links/links";
import { ListFrame } from "@/ui/list/list-frame";
import { LoadingBlock } from "@/ui/states/states";
import { paymentsList, type TransactionsQuery } from "./payments-list";

const PaymentPanel = lazy(() => import("./payment-panel"));

const news = (callback: () => void) => stream.on("payments", "payment.changed", callback);

export default function PaymentsPage() {
  return (
    <ListFrame
      title="Payments"
      definition={paymentsList}
      queryKey={["payments"]}
      rowKey={(row) => row.payment_id}
      news={news}
      fetchPage={(query: TransactionsQuery, signal) =>
        take(api.GET("/transactions", { params: { query }, signal }))
      }
      empty={{ title: "No payments yet", text: "They appear here as soon as a worker has applied an event." }}
      panel={{
        title: (key) => <Identifier value={key} what="payment id" />,
        body: (key) => (
          <Suspense fallback={<LoadingBlock height={320} />}>
            <PaymentPanel paymentId={key} />
          </Suspense>
        ),
        href: links.payment,
      }}
    />
  );
}
