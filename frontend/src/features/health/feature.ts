import { HeartPulse } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: { label: "System health", path: links.health(), group: "run", order: 20, icon: HeartPulse, jump: "h" },
  routes: [{ path: "/system", page: () => import("./page") }],
};

export default feature;
