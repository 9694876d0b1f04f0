import { ScrollText } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: { label: "Audit log", path: links.audit(), group: "trail", order: 10, icon: ScrollText, jump: "l" },
  routes: [{ path: "/audit", page: () => import("./page") }],
};

export default feature;
