import type { Feature } from "@/app/feature";

const feature: Feature = {
  routes: [
    { path: "/sign-in", page: () => import("./page"), open: true },
    { path: "/reset-password", page: () => import("./reset-page"), open: true },
  ],
};

export default feature;
