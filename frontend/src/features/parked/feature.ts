import { Hourglass } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: {
    label: "Parked facts",
    path: links.parked(),
    group: "repair",
    order: 20,
    icon: Hourglass,
    jump: "w",
  },
  routes: [{ path: "/parked", page: () => import("./page") }],
};

export default feature;
