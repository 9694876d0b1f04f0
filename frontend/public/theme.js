// Runs before the first paint, so that a dark room never sees a white page. It is a file of its own, and not
// inline, because the content security policy allows only scripts of this origin.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("payflow.theme") || "auto";
  } catch {
    // Storage may be forbidden; the system's choice stands.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
