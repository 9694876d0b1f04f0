import "@/ui/look/mantine.css";
import "@/ui/look/tokens.css";
import "@/ui/look/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { session } from "@/api/session";
import { App } from "@/app/app";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");
void session.start();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
