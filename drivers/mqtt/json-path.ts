/** One step into a JSON value: a name of an object, or a place in an array counted from 0. */
export type PathStep = string | number;

export type PathFault = "mqtt/path-name" | "mqtt/path-bracket" | "mqtt/path-depth";

/** What stands at the end of a path. */
export type Found =
  | { readonly is: "value"; readonly value: unknown }
  /** The message does not speak of it: many devices send only what changed. */
  | { readonly is: "missing" }
  | { readonly is: "misfit"; readonly reason: "not an object" | "not an array" | "null" };

/** Deepest path; device messages have some five levels. A longer one is a config error. */
const stepsMax = 16;

const bareName = /[^.[\]'"]+/y;
const bracket = /\[(?:(\d{1,5})|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y;

/**
 * `temperature`, `StatusSNS.AM2301.Temperature`, `params['temperature:0'].tC`, `rows[0].value`: names with dots
 * between them, and brackets around a place in an array or a quoted name (with `\'` and `\\`).
 */
export function parsePath(text: string): readonly PathStep[] | PathFault {
  const steps: PathStep[] = [];
  let at = 0;
  while (at < text.length) {
    if (steps.length === stepsMax) return "mqtt/path-depth";
    if (text[at] === "[") {
      bracket.lastIndex = at;
      const match = bracket.exec(text);
      if (match === null) return "mqtt/path-bracket";
      const [whole, index, single, double] = match;
      const quoted = (single ?? double ?? "").replaceAll(/\\(.)/g, "$1");
      steps.push(index === undefined ? quoted : Number(index));
      at += whole.length;
      continue;
    }
    if (at > 0 && text[at] !== ".") return faultAt(text, at);
    const from = at === 0 ? 0 : at + 1;
    bareName.lastIndex = from;
    const [name] = bareName.exec(text) ?? [];
    if (name === undefined) return faultAt(text, from);
    steps.push(name);
    at = from + name.length;
  }
  return steps.length === 0 ? "mqtt/path-name" : steps;
}

/** Follows the steps from the outermost value. */
export function readPath(root: unknown, steps: readonly PathStep[]): Found {
  let value = root;
  for (const step of steps) {
    if (value === null) return { is: "misfit", reason: "null" };
    if (typeof step === "number") {
      if (!Array.isArray(value)) return { is: "misfit", reason: "not an array" };
      if (step >= value.length) return { is: "missing" };
      const items: readonly unknown[] = value;
      value = items[step];
      continue;
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      return { is: "misfit", reason: "not an object" };
    }
    if (!Object.hasOwn(value, step)) return { is: "missing" };
    value = Reflect.get(value, step);
  }
  return { is: "value", value };
}

function faultAt(text: string, at: number): PathFault {
  return /[[\]'"]/.test(text[at] ?? "") ? "mqtt/path-bracket" : "mqtt/path-name";
}
