import { Server } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: { label: "Queue and fleet", path: links.fleet(), group: "run", order: 10, icon: Server, jump: "f" },
  routes: [{ path: "/fleet", page: () => import("./page") }],
};

export default feature;
