declare module "pg-copy-streams" {
  import type { Writable } from "node:stream";
  import type { Submittable } from "pg";

  /** A writable stream that `client.query` takes; 'finish' means that the rows are in. */
  export function from(sql: string): Writable & Submittable;
}
