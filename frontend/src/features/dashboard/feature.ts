import { Activity } from "lucide-react";
import type { Feature } from "@/app/feature";

const feature: Feature = {
  nav: { label: "Dashboard", path: "/", group: "watch", order: 10, icon: Activity, jump: "d" },
  routes: [{ path: "/", page: () => import("./page") }],
};

export default feature;
