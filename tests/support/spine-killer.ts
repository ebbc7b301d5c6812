import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./spine.ts";
import { patienceMs, type SpineSite } from "./spine-site.ts";
import type { Victim } from "./spine-victim.ts";

/** Longest time between two strokes; a victim that was waited for has worked at most this long. */
const betweenMsMax = 900;

/** Of four strokes one does not wait for anybody to be at work: it meets them while they start and recover. */
const waitingOf = 4;

/** What a stroke hits: each alone, two at once, and all. */
function choicesOf({ gateway, agent, central }: SpineSite): readonly (readonly Victim[])[] {
  return [
    [gateway],
    [agent],
    [central],
    [gateway],
    [agent],
    [central],
    [gateway, agent],
    [agent, central],
    [gateway, central],
    [gateway, agent, central],
  ];
}

/** Kills with SIGKILL at random instants until `kills` processes have died, and begins each again at once. */
export async function killAtRandom(
  site: SpineSite,
  random: () => number,
  kills: number,
): Promise<void> {
  const choices = choicesOf(site);
  const died = () => site.victims.reduce((sum, victim) => sum + victim.kills, 0);
  for (let stroke = 0; died() < kills; stroke += 1) {
    const victims = choices[Math.floor(random() * choices.length)] ?? [];
    if (stroke % waitingOf !== 0) await atWork(victims);
    await sleep(random() * betweenMsMax);
    await Promise.all(victims.map((victim) => victim.kill()));
    for (const victim of victims) victim.start();
    const dead = site.victims.flatMap(({ deaths }) => deaths);
    if (dead.length > 0) throw new Error(dead.join("\n"));
  }
}

function atWork(victims: readonly Victim[]): Promise<unknown> {
  return eventually(
    () => victims.every(({ isReady }) => isReady),
    (all) => all,
    patienceMs,
  );
}
