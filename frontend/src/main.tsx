import "@/ui/look/mantine.css";
import "@/ui/look/tokens.css";
import "@/ui/look/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { session } from "@/api/session";
import { App } from "@/app/app";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");
// Left by the server on the way back from Google; it has done its work and does not belong into links.
const here = new URL(window.location.href);
if (here.searchParams.has("signed_in")) {
  here.searchParams.delete("signed_in");
  window.history.replaceState(window.history.state, "", here);
}
void session.start();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
