import { BellRing } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: { label: "Alerts", path: links.alerts(), group: "watch", order: 30, icon: BellRing, jump: "a" },
  routes: [
    { path: "/alerts", page: () => import("./page") },
    { path: "/alerts/:alertId", page: () => import("./alert-page") },
  ],
};

export default feature;
