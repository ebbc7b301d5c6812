import type { ExcerptLine } from "./excerpt.ts";
import type { ProblemCode, ProblemParams } from "./language/check.ts";
import type { Place } from "./source.ts";

export type PathPart = string | number;
export type Path = readonly PathPart[];
/** An error keeps a configuration from being used, a warning does not. */
export type Severity = "error" | "warning";

/** What a check found, before it is known where that stands. */
export interface Finding {
  readonly code: ProblemCode;
  readonly params: object;
  readonly severity: Severity;
  readonly path: Path;
  /** Which part of the entry at `path` is meant. */
  readonly at: "key" | "value";
  /** Given where the place cannot be found from the path. */
  readonly place?: Place;
}

/** One thing that is wrong with a configuration, and where. Text comes later, in the reader's language. */
export interface Problem {
  readonly code: ProblemCode;
  readonly params: object;
  readonly severity: Severity;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, UTF-16 units. */
  readonly column: number;
  readonly endColumn: number;
  /** For example `channels.rs485-a.devices.cold-2`; empty for the file itself. */
  readonly path: string;
  /** The line and its neighbours, secrets masked; empty where nothing may or can be shown. */
  readonly excerpt: readonly ExcerptLine[];
}

type Where = Partial<Pick<Finding, "at" | "place" | "severity">>;

/** An error at a path; its params are checked against the sentence of its code. */
export function finding<C extends ProblemCode>(
  code: C,
  path: Path,
  params: ProblemParams<C> & object,
  where: Where = {},
): Finding {
  return { code, params, severity: "error", path, at: "value", ...where };
}

/** `channels.rs485-a.devices.cold-2.points[0]` */
export function pathText(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`,
    )
    .join("");
}
