import { inspect } from "node:util";
import { z } from "zod";

const hidden = "[redacted]";

/** A secret value that no log, error, JSON or inspection shows. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return hidden;
  }
  toJSON(): string {
    return hidden;
  }
  [inspect.custom](): string {
    return hidden;
  }
}

/** Only `!secret name` yields one: a literal secret in YAML is an error. */
export function secret() {
  return z.custom<Secret>((value) => value instanceof Secret, { error: "secret/literal" });
}
