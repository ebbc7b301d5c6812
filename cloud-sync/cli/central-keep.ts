import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import type { CentralOptions } from "../central/main.ts";

/** Partitions are of days at the least, and a gateway that was offline brings rows of some days ago. */
const keepMsMin = 86_400_000;

interface Given {
  readonly keepSamples?: string | undefined;
  readonly keepMinutes?: string | undefined;
  readonly keepAggregates?: string | undefined;
}

/**
 * What `--keep-samples`, `--keep-minutes` and `--keep-aggregates` say; minutes are kept as long as hours unless told.
 * @throws RackwatchError `config/invalid`: one is no time of a day or more.
 */
export function keepOf(given: Given): NonNullable<CentralOptions["keepMs"]> {
  const { keepSamples, keepAggregates, keepMinutes = keepAggregates } = given;
  return {
    sample: msOf("--keep-samples", keepSamples),
    sample_minute: msOf("--keep-minutes", keepMinutes),
    sample_hour: msOf("--keep-aggregates", keepAggregates),
  };
}

function msOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= keepMsMin) return ms;
  throw new RackwatchError("config/invalid", `${option} is no time of a day or more`, {
    where: text,
    todo: `give days, as in ${option} 400d`,
  });
}

/** What `--carried-silent-after` says. @throws RackwatchError `config/invalid`: it is no time of a day or more. */
export function carriedSilentOf(text: string | undefined): Pick<CentralOptions, "carriedSilentMs"> {
  return { carriedSilentMs: msOf("--carried-silent-after", text) };
}
