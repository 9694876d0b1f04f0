import { describe, expect, it } from "vitest";

import { accessMatrix, may } from "./access-matrix";

const DOCUMENT = {
  paths: {
    "/rules": {
      parameters: [],
      get: {
        operationId: "listRules",
        summary: "List rules",
        responses: { 200: {} },
        tags: ["rules"],
        "x-role": "read_only",
      },
      post: {
        operationId: "createRule",
        summary: "Create a rule",
        responses: { 200: {} },
        tags: ["rules"],
        "x-role": "operator",
      },
    },
    "/users": {
      get: {
        operationId: "listUsers",
        summary: "List users",
        responses: { 200: {} },
        tags: ["users"],
        "x-role": "admin",
      },
    },
    "/users/me": {
      get: {
        operationId: "getMe",
        summary: "Me",
        responses: { 200: {} },
        tags: ["users"],
        security: [{ bearer: [] }],
      },
    },
    "/auth/login": {
      post: { operationId: "login", summary: "Sign in", responses: { 200: {} }, tags: ["auth"] },
    },
  },
};

describe("the matrix of roles", () => {
  it("leaves out what answers nobody but with a refusal", () => {
    const refused = {
      operationId: "deleteEntry",
      tags: ["audit"],
      "x-role": "read_only",
      responses: { 405: {} },
    };
    expect(accessMatrix({ paths: { "/audit/{id}": { delete: refused } } })).toEqual([]);
  });

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
