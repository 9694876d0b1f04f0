import { Navigate, useLocation } from "react-router";

/** To the sign-in page, with the way back. */
export function SignInRedirect() {
  const { pathname, search } = useLocation();
  const here = pathname + search;
  return <Navigate to={here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
}
