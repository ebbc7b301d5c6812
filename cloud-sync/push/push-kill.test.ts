import fc from "fast-check";
import { expect, test } from "vitest";
import { type Answer, aPush, PushWorld } from "../../tests/support/push-world.ts";
import { dingtalk } from "./channels/dingtalk.ts";

type Command = Readonly<{ do: "add" | "pass" | "kill" | "collect"; n: number }>;
const fates = ["ok", "retry", "dead", "lost answer", "hangs"] as const;

const command: fc.Arbitrary<Command> = fc.record({
  do: fc.constantFrom("add", "add", "pass", "pass", "kill", "collect"),
  n: fc.integer({ min: 1, max: 12 }),
});

test("killed at any step, each push has arrived at least once or is dead with a reason; none is forgotten", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 25 }),
      fc.array(fc.constantFrom(...fates), { maxLength: 40 }),
      async (commands, drawn) => {
        using world = new PushWorld();
        const arrived = new Set<string>();
        const refused = new Set<string>();
        const known = new Map<string, string>();
        const queue = [...drawn];
        world.traits = () => ({ limits: dingtalk.limits, overflow: dingtalk.overflow });
        world.answer = answerOf(queue, arrived, refused, world);
        for (const { do: what, n } of commands) {
          if (what === "add") {
            const receiver = n % 2 === 0 ? "a" : "b";
            world.add(...Array.from({ length: n }, () => aPush({ receiver })));
          }
          if (what === "pass") await world.pass(n * 3_000, 3_000);
          if (what === "kill") world.kill();
          if (what === "collect") collect(world, known);
          check(world, arrived, refused);
        }
        queue.length = 0;
        world.kill();
        await world.pass(30 * 60_000, 20_000);
        check(world, arrived, refused);
        collect(world, known);
        expect(world.queued).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});

function answerOf(
  queue: (typeof fates)[number][],
  arrived: Set<string>,
  refused: Set<string>,
  world: PushWorld,
): Answer {
  return ({ push }) => {
    const fate = queue.shift() ?? "ok";
    const waiting = world.queued.map(({ id }) => id);
    // A digest carries all that waited for its robot when it left.
    const ids = push.kind === "digest" ? waiting : [push.id];
    if (fate === "ok" || fate === "lost answer") for (const id of ids) arrived.add(id);
    if (fate === "dead") for (const id of ids) refused.add(id);
    switch (fate) {
      case "ok":
        return { is: "delivered" };
      case "dead":
        return { is: "dead", why: "refused" };
      case "hangs":
        return new Promise(() => undefined);
      default:
        return { is: "retry", why: fate };
    }
  };
}

/** What the gateway reads is never better than what happened. */
function check(world: PushWorld, arrived: Set<string>, refused: Set<string>): void {
  for (const { id } of world.queued) {
    const seen = world.seen(id);
    if (seen?.state === "delivered") expect(arrived).toContain(id);
    if (seen?.state === "dead") {
      expect(refused).toContain(id);
      expect(seen.problem).not.toBe("");
    }
  }
}

/** The gateway takes from its queue what is settled. */
function collect(world: PushWorld, known: Map<string, string>): void {
  for (const push of [...world.queued]) {
    const state = world.seen(push.id)?.state;
    if (state !== "delivered" && state !== "dead") continue;
    known.set(push.id, state);
    world.queued.splice(world.queued.indexOf(push), 1);
  }
}
