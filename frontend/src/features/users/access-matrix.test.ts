import { describe, expect, it } from "vitest";

import { accessMatrix, may } from "./access-matrix";

const DOCUMENT = {
  paths: {
    "/rules": {
      parameters: [],
      get: { operationId: "listRules", summary: "List rules", tags: ["rules"], "x-role": "read_only" },
      post: { operationId: "createRule", summary: "Create a rule", tags: ["rules"], "x-role": "operator" },
    },
    "/users": {
      get: { operationId: "listUsers", summary: "List users", tags: ["users"], "x-role": "admin" },
    },
    "/users/me": {
      get: { operationId: "getMe", summary: "Me", tags: ["users"], security: [{ bearer: [] }] },
    },
    "/auth/login": {
      post: { operationId: "login", summary: "Sign in", tags: ["auth"] },
    },
  },
};

describe("the matrix of roles", () => {
  it("groups by tag and leaves out what needs no sign-in", () => {
    expect(
      accessMatrix(DOCUMENT).map(({ tag, abilities }) => [tag, abilities.map(({ operation }) => operation)]),
    ).toEqual([
      ["rules", ["listRules", "createRule"]],
      ["users", ["listUsers", "getMe"]],
    ]);
  });

  it("lets a higher role do what a lower one may, and never the reverse", () => {
    const [rules] = accessMatrix(DOCUMENT);
    const create = rules?.abilities[1];
    expect(create && [may("read_only", create), may("operator", create), may("admin", create)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
