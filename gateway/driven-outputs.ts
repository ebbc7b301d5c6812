import type { PointKey } from "../drivers/contract.ts";
import type { Plan } from "./brain.ts";
import type { Follow } from "./follow.ts";

/** Outputs that were driven stand under this prefix until a device confirmed that they are off and nobody drives them. */
export const drivenKeyPrefix = "driven/";

export interface DrivenOutputs {
  /** Outputs no more, though their devices may still show what they were last told. */
  readonly left: readonly PointKey[];
  /** To be stored; undefined deletes. */
  readonly state: ReadonlyMap<string, unknown>;
}

/**
 * What was an output and is none any more: a process that was killed in a switch, or a rule that was deleted while it did
 * not run, leaves a lamp lit. A switch that nobody ever drove is not among them.
 * @param saved what the store kept under `drivenKeyPrefix`.
 */
export function drivenOutputs(
  saved: ReadonlyMap<string, unknown>,
  { outputs, points }: Pick<Plan, "outputs" | "points">,
): DrivenOutputs {
  const state = new Map<string, unknown>();
  const left: PointKey[] = [];
  for (const key of saved.keys()) {
    const output = pointOf(key.slice(drivenKeyPrefix.length));
    if (outputs.has(output)) continue;
    const { access = "read", isCommand } = points.get(output) ?? {};
    // Its channel is gone, or it is something else: nobody here can turn it off.
    if (access === "read" || isCommand === true) state.set(key, undefined);
    else left.push(output);
  }
  for (const output of outputs.keys()) {
    if (!saved.has(drivenKeyPrefix + output)) state.set(drivenKeyPrefix + output, true);
  }
  return { left, state };
}

/** It is off. */
export function outputLeft(output: PointKey): Follow {
  return { events: [], state: new Map([[drivenKeyPrefix + output, undefined]]) };
}

function pointOf(text: string): PointKey {
  const [device = "", point = ""] = text.split("/");
  return `${device}/${point}`;
}
