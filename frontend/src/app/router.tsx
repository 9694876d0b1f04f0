import { createBrowserRouter, type RouteObject } from "react-router";
import { type FeatureRoute, features } from "./feature";
import { NotFound, PageBroke } from "./shell/page-broke";
import { Shell } from "./shell/shell";

/** While the first page's code is on its way: the ground colour, and no flash of anything else. */
function Opening() {
  return null;
}

function routeOf(route: FeatureRoute): RouteObject {
  return {
    path: route.path,
    lazy: async () => ({ Component: (await route.page()).default }),
    HydrateFallback: Opening,
    errorElement: <PageBroke />,
  };
}

const all = features.flatMap((feature) => feature.routes);

export const routes: RouteObject[] = [
  ...all.filter((route) => route.open === true).map(routeOf),
  {
    element: <Shell />,
    HydrateFallback: Opening,
    errorElement: <PageBroke />,
    children: [
      ...all.filter((route) => route.open !== true).map(routeOf),
      { path: "*", element: <NotFound /> },
    ],
  },
];

export const router = createBrowserRouter(routes);
