import { type ComponentType, lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { type FeatureRoute, features } from "./feature";
import { NotFound, PageBoundary } from "./shell/page-broke";
import { Shell } from "./shell/shell";

/**
 * The declarative router: this console loads its data through queries, and the router with loaders would cost the
 * first page 18 KB. A page's code comes when it is first visited; until then the page before it stays.
 */
const pages: readonly { route: FeatureRoute; Page: ComponentType }[] = features
  .flatMap((feature) => feature.routes)
  .map((route) => ({ route, Page: lazy(route.page) }));

export function ConsoleRoutes() {
  const routeOf = ({ route, Page }: (typeof pages)[number]) => (
    <Route
      key={route.path}
      path={route.path}
      element={
        <PageBoundary>
          <Suspense>
            <Page />
          </Suspense>
        </PageBoundary>
      }
    />
  );
  return (
    <Routes>
      {pages.filter(({ route }) => route.open === true).map(routeOf)}
      <Route element={<Shell />}>
        {pages.filter(({ route }) => route.open !== true).map(routeOf)}
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
