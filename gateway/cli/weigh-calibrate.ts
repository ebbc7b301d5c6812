import type { weighText } from "../../config/language/weigh.ts";
import {
  type Calibration,
  calibrationOf,
  leastLoadKg,
  pieceDivisionsMin,
} from "../stock/weighing/calibration.ts";
import type { RestingScale, Weighed } from "./weigh-scale.ts";

export interface Plan {
  readonly location: string;
  readonly item: string;
  /** In one sample. */
  readonly pieces: number;
  readonly repeat: number;
  readonly divisionKg: number;
}

export interface Person {
  /** A line for each time that somebody pressed Enter. */
  readonly lines: AsyncIterator<string>;
  readonly text: (typeof weighText)["en"];
  readonly say: (fields: object, sentence: string) => void;
}

/** Leads through tare and samples. @returns false: the person left, or the pieces are too light for the scale. */
export async function calibrate(plan: Plan, scale: RestingScale, person: Person): Promise<boolean> {
  const { pieces, repeat, divisionKg } = plan;
  const { text, say } = person;
  const least = leastLoadKg(divisionKg);
  const tareKg = await ask(scale, person, "empty", text.empty, (kg) =>
    kg < -least ? { reason: "negative", sentence: text.negative } : undefined,
  );
  if (tareKg === undefined) return false;
  const weights: number[] = [];
  let beforeKg = tareKg;
  for (let round = 1; round <= repeat; round += 1) {
    const from = beforeKg;
    const kg = await ask(scale, person, "put", text.put(pieces, round, repeat), (now) =>
      now - from <= least ? { reason: "no-change", sentence: text.noChange } : undefined,
    );
    if (kg === undefined) return false;
    weights.push(kg - beforeKg);
    beforeKg = kg;
    // Found out with the first sample: nobody puts on hundreds of pieces in vain.
    if (calibrationOf(weights, pieces, divisionKg) === "too-light") break;
  }
  const found = calibrationOf(weights, pieces, divisionKg);
  if (found === "too-light") {
    const sentence = text.tooLight(pieceDivisionsMin, gramsOf(divisionKg, divisionKg));
    say({ event: "refused", reason: "too-light", divisionKg }, sentence);
    return false;
  }
  tell(plan, Math.max(0, tareKg), found, person);
  return true;
}

interface Refusal {
  readonly reason: string;
  readonly sentence: string;
}

/** Asks until a weight rests that is usable; undefined: nobody presses Enter any more. */
async function ask(
  scale: RestingScale,
  { lines, text, say }: Person,
  step: string,
  prompt: string,
  refuse: (kg: number) => Refusal | undefined,
): Promise<number | undefined> {
  say({ event: "prompt", step }, prompt);
  for (;;) {
    const line = await lines.next();
    if (line.done === true) return undefined;
    const weighed = await scale.weigh();
    const refusal = weighed.is === "rest" ? refuse(weighed.kg) : refusalOf(weighed, text);
    if (weighed.is === "rest" && refusal === undefined) {
      say({ event: "weight", step, kg: round(weighed.kg) }, text.weighs(`${round(weighed.kg)} kg`));
      return weighed.kg;
    }
    say({ event: "refused", step, reason: refusal?.reason }, refusal?.sentence ?? "");
  }
}

function refusalOf(weighed: Exclude<Weighed, { is: "rest" }>, text: Person["text"]): Refusal {
  if (weighed.is === "unstable") return { reason: "unstable", sentence: text.unstable };
  return { reason: weighed.reason, sentence: text.noWeight(weighed.reason) };
}

function tell(plan: Plan, tareKg: number, found: Calibration, { text, say }: Person): void {
  const { location, item, divisionKg } = plan;
  const unitWeight = gramsOf(found.kg, divisionKg / found.sampled);
  const spread = Number(found.spread.toPrecision(2));
  const yaml = yamlOf(
    { location, item, unitWeight, spread, tare: gramsOf(tareKg, divisionKg) },
    found,
  );
  const fields = {
    ...{ event: "result", location, item, tareKg: round(tareKg) },
    ...{ unitWeightKg: found.kg, unitWeightSpread: spread, sampledPieces: found.sampled },
    ...{ exactUpTo: found.exactUpTo, divisionKg, yaml },
  };
  const percent = (100 * spread).toPrecision(2);
  const sentences = [
    text.result(unitWeight, percent),
    text.exact(found.exactUpTo),
    text.paste,
    yaml,
  ];
  say(fields, sentences.join("\n"));
}

interface Found {
  readonly location: string;
  readonly item: string;
  readonly tare: string;
  readonly unitWeight: string;
  readonly spread: number;
}

/** Lines as they stand in the configuration. */
function yamlOf(found: Found, { sampled }: Calibration): string {
  const { location, item, tare, unitWeight, spread } = found;
  return [
    "locations:",
    `  ${JSON.stringify(location)}:`,
    `    tare: ${tare}`,
    "items:",
    `  ${JSON.stringify(item)}:`,
    `    unitWeight: ${unitWeight}`,
    `    unitWeightSpread: ${spread}`,
    `    sampledPieces: ${sampled}`,
  ].join("\n");
}

/** Grams with the digits that `stepKg` is worth, without an exponent: as the configuration reads them. */
function gramsOf(kg: number, stepKg: number): string {
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(stepKg * 1_000))));
  return `${(kg * 1_000).toFixed(digits)} g`;
}

function round(kg: number): number {
  return Math.round(kg * 1e6) / 1e6;
}
