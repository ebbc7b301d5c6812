/**
 * A simulated shelf (noise 0.3 d, creep 0.02 % in half an hour, 0.02 %/K with +-5 K, hands and knocks): 1,000 picks and puts of
 * 1 to 20 pieces for pieces of 5 to 500 d with a spread of 1 %, 72 idle hours, and the cost of a reading. Prints one JSON line
 * a figure.
 */
import { divisionKg, handledRight, idleEvents, shelfOf } from "../tests/support/shelf-day.ts";
import { SimulatedShelf } from "../tests/support/simulated-shelf.ts";

const seeds = [1, 2, 3, 4, 5];
const handlings = 1_000;

function say(name: string, figures: object): void {
  console.log(JSON.stringify({ bench: "weighing", name, ...figures }));
}

for (const divisions of [5, 10, 20, 50, 200, 500]) {
  for (const hasFlag of [false, true]) {
    const unitKg = divisions * divisionKg;
    const right = seeds.map((seed) => handledRight({ seed, unitKg, hasFlag, handlings }));
    const worst = Math.min(...right);
    say("right of 1,000 picks and puts", { pieceDivisions: divisions, hasFlag, worst, right });
  }
}

for (const loadKg of [0, 0.5, 3, 15]) {
  const events = seeds.map((seed) => idleEvents(seed, loadKg, 72).length);
  say("events in 72 idle hours", { loadKg, events });
}

const sim = new SimulatedShelf({ seed: 1, divisionKg });
sim.add(3);
const readings = sim.readings(10_000_000);
const shelf = shelfOf(0.05);
const before = process.cpuUsage();
for (const reading of readings) shelf.next(reading);
const { user, system } = process.cpuUsage(before);
say("cost", { usPerReading: Number(((user + system) / readings.length).toFixed(2)) });
