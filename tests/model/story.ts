import fc from "fast-check";
import { checkEnd, checkStep, settle } from "./judge.ts";
import type { Rules } from "./words.ts";
import { type Action, act, actions, type Command, newWorld } from "./world.ts";

/** What happens often; the others have weight 1. */
const weights: Partial<Record<Action, number>> = {
  "record event": 5,
  "record sample": 8,
  ask: 6,
  "ask one": 4,
  deliver: 8,
  arrive: 8,
  exchange: 10,
  "give up": 3,
};

const command = fc.oneof(
  ...actions.map((it) => ({
    weight: weights[it] ?? 1,
    arbitrary: fc.record({ do: fc.constant(it), n: fc.nat(11) }),
  })),
);

/** What may happen to a gateway, its agent, central and the network between them. */
export const story = fc.array(command, { minLength: 5, maxLength: 70, size: "max" });

/** @throws Error that says what was lost, doubled, out of order, starved, or wrong. */
export function play(commands: readonly Command[], rules: Rules): void {
  const world = newWorld();
  for (const it of commands) {
    act(world, it, rules);
    checkStep(world);
  }
  settle(world, rules);
  checkEnd(world, rules);
}
