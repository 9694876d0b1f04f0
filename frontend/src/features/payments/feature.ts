import { CreditCard } from "lucide-react";
import type { Feature } from "@/app/feature";

const feature: Feature = {
  nav: { label: "Payments", path: "/payments", group: "watch", order: 20, icon: CreditCard, jump: "p" },
  routes: [
    { path: "/payments", page: () => import("./page") },
    { path: "/payments/:paymentId", page: () => import("./payment-page") },
  ],
};

export default feature;
