/** Where things live, so that a feature can point at another without importing it. */
export const links = {
  payments: (query: Record<string, string> = {}) => withQuery("/payments", query),
  payment: (paymentId: string) => `/payments/${encodeURIComponent(paymentId)}`,
  alerts: (query: Record<string, string> = {}) => withQuery("/alerts", query),
  alert: (alertId: string) => `/alerts/${encodeURIComponent(alertId)}`,
  audit: (query: Record<string, string> = {}) => withQuery("/audit", query),
  auditEntry: (auditId: string) => withQuery("/audit", { open: auditId }),
  rules: () => "/rules",
  rule: (name: string) => `/rules/${encodeURIComponent(name)}`,
  deadLetters: (query: Record<string, string> = {}) => withQuery("/dead-letters", query),
  parked: (query: Record<string, string> = {}) => withQuery("/parked", query),
  fleet: () => "/fleet",
  users: () => "/users",
  profile: () => "/profile",
  // The root path /health is the API's own, for load balancers.
  health: () => "/system",
} as const;

function withQuery(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? path : `${path}?${text}`;
}
