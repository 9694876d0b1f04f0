import type { Feature } from "@/app/feature";

/** Reached from the user's menu. */
const feature: Feature = {
  routes: [{ path: "/profile", page: () => import("./page") }],
};

export default feature;
