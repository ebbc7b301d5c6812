import { createHash } from "node:crypto";
import { checkEnd, checkStep, settle } from "./judge.ts";
import type { Rules } from "./words.ts";
import { type Action, act, type Command, newWorld, type World } from "./world.ts";

/** How often each fault may happen; steps of agent, network and central are free. */
export type Scope = Readonly<Partial<Record<Action, number>>>;

export interface Found {
  readonly states: number;
  /** Steps to the farthest state. */
  readonly depth: number;
  readonly failure?: { readonly path: readonly Command[]; readonly message: string };
}

/** Requests of a gateway under way at once: one that the agent waits for, one that it gave up. */
const requestsMax = 2;
const repliesMax = 2;

interface Node {
  readonly world: string;
  readonly left: Scope;
  readonly path: readonly Command[];
}

/** Every order of everything within a scope, the shortest first. In each state the faults may end, and all must be well. */
export function search(
  start: readonly Command[],
  scope: Scope,
  rules: Rules,
  depthMax: number,
): Found {
  const world = newWorld();
  for (const it of start) act(world, it, rules);
  const seen = new Set<string>([keyOf(world, scope)]);
  let level: Node[] = [{ world: JSON.stringify(world), left: scope, path: [] }];
  let depth = 0;
  for (; level.length > 0 && depth < depthMax; depth += 1) {
    const next: Node[] = [];
    for (const node of level) {
      const here = parsed(node.world);
      for (const command of possible(here, node.left)) {
        const then = parsed(node.world);
        if (!act(then, command, rules)) continue;
        const path = [...node.path, command];
        const left = { ...node.left, [command.do]: (node.left[command.do] ?? 0) - 1 };
        const key = keyOf(then, left);
        if (seen.has(key)) continue;
        seen.add(key);
        const text = JSON.stringify(then);
        const message = failureOf(then, rules);
        if (message !== undefined)
          return { states: seen.size, depth: depth + 1, failure: { path, message } };
        next.push({ world: text, left, path });
      }
    }
    level = next;
  }
  return { states: seen.size, depth };
}

function failureOf(world: World, rules: Rules): string | undefined {
  try {
    checkStep(world);
    settle(world, rules);
    checkEnd(world, rules);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function possible({ sites, network }: World, left: Scope): readonly Command[] {
  const { requests, replies } = network;
  const some = (what: Action, count: number): Command[] =>
    Array.from({ length: count }, (_, n) => ({ do: what, n }));
  const asks =
    requests.length < requestsMax
      ? [...some("ask", sites.length), ...some("ask one", sites.length)]
      : [];
  const faults = Object.entries(left).flatMap(([what, count]) =>
    count > 0 && isAction(what) ? some(what, sites.length) : [],
  );
  return [
    ...asks,
    ...some("give up", sites.length),
    ...(replies.length < repliesMax
      ? some("deliver", requests.length)
      : some("drop reply", replies.length)),
    ...some("arrive", replies.length),
    ...(requests.length < requestsMax ? [] : some("drop request", requests.length)),
    ...faults,
  ];
}

const free: readonly string[] = [
  "ask",
  "ask one",
  "give up",
  "deliver",
  "arrive",
  "drop request",
  "drop reply",
];

function isAction(what: string): what is Action {
  return !free.includes(what);
}

const parsed = (text: string): World => JSON.parse(text);

/** Without what no rule looks at: numbers of letters, the hour, who sent what before. */
function keyOf({ sites, central, network, backups, uncommitted }: World, left: Scope): string {
  const letters = [...network.requests, ...network.replies].map(({ site, body }) =>
    JSON.stringify([site, body]),
  );
  const faults = Object.entries(left).filter(([what]) => !free.includes(what));
  const state = [
    sites.map(({ disk, cursors, agent }) => [
      disk,
      cursors,
      { ...agent, waiting: agent.waiting?.request, eventRun: 0 },
    ]),
    central,
    letters.sort(),
    backups,
    uncommitted,
    faults,
  ];
  return createHash("md5").update(JSON.stringify(state)).digest("base64");
}
