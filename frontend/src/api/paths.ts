import type { paths } from "./schema";

/** The document's paths below `/api/v1`, which the client puts in front. */
export type Paths = {
  [P in keyof paths as P extends `/api/v1${infer Rest}` ? Rest : P]: paths[P];
};
