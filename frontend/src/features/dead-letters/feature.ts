import { MailX } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: {
    label: "Dead letters",
    path: links.deadLetters(),
    group: "repair",
    order: 10,
    icon: MailX,
    jump: "x",
  },
  routes: [{ path: "/dead-letters", page: () => import("./page") }],
};

export default feature;
