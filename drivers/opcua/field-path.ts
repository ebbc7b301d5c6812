/** One step into a structured value: a field, one element of a list, or each of them. */
export type FieldStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "element"; readonly index: number }
  | { readonly kind: "each" };

/** Steps of one path: deeper structures are none that a stock point needs. */
const stepsMax = 12;

/** Values that one path may yield: a scan report lists some hundred tags, more is a fault. */
export const selectedMax = 1_000;

/** `Net`, `Sighting[0].Antenna`, `ScanResult[].ScanData`; undefined when it is no path. */
export function parseFieldPath(text: string): readonly FieldStep[] | undefined {
  const steps: FieldStep[] = [];
  for (const part of text.split(/(?<!&)\.(?![^{]*\})/)) {
    const match = /^((?:\{[^{}]*\})?[^[\]{}]+)((?:\[\d{0,4}\])*)$/.exec(part);
    if (match === null) return undefined;
    steps.push({ kind: "field", name: match[1] ?? "" });
    for (const [, index = ""] of (match[2] ?? "").matchAll(/\[(\d*)\]/g)) {
      steps.push(index === "" ? { kind: "each" } : { kind: "element", index: Number(index) });
    }
  }
  return steps.length <= stepsMax ? steps : undefined;
}

/**
 * What a path leads to, in the order of the lists, at most `selectedMax`. A step that leads nowhere yields undefined,
 * so that a missing field is seen and not taken for an empty list.
 */
export function selectFields(value: unknown, steps: readonly FieldStep[]): readonly unknown[] {
  let found: readonly unknown[] = [value];
  for (const step of steps) {
    found = found.flatMap((from) => take(from, step)).slice(0, selectedMax);
  }
  return found;
}

function take(from: unknown, step: FieldStep): readonly unknown[] {
  if (step.kind === "field") return [fieldOf(from, step.name)];
  if (!isList(from)) return [undefined];
  return step.kind === "each" ? Array.from(from) : [from[step.index]];
}

/** node-opcua begins the names of decoded fields with a small letter, specifications with a capital. */
function fieldOf(from: unknown, name: string): unknown {
  if (typeof from !== "object" || from === null) return undefined;
  const small = name.charAt(0).toLowerCase() + name.slice(1);
  const record: Readonly<Record<string, unknown>> = { ...from };
  return record[name] ?? record[small];
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
