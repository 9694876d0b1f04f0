import { FlaskConical } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: { label: "Rules", path: links.rules(), group: "watch", order: 40, icon: FlaskConical, jump: "r" },
  routes: [
    { path: "/rules", page: () => import("./page") },
    { path: "/rules/new", page: () => import("./new-rule-page") },
    { path: "/rules/:name", page: () => import("./rule-page") },
  ],
};

export default feature;
