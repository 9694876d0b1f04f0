import { UsersRound } from "lucide-react";
import type { Feature } from "@/app/feature";
import { links } from "@/ui/links/links";

const feature: Feature = {
  nav: {
    label: "Users",
    path: links.users(),
    group: "people",
    order: 10,
    icon: UsersRound,
    jump: "u",
    needs: "admin",
  },
  routes: [{ path: "/users", page: () => import("./page") }],
};

export default feature;
