import type { downText } from "../../config/language/down.ts";
import { hears } from "../../config/receiver-hears.ts";
import type { Config } from "../../config/schema/config.ts";

type Text = (typeof downText)["en"];
type Guarded = Pick<Config, "notify" | "rules">;

/** What nobody far away may do, because nobody would hear of anything any more. Undefined: it may be done. */
export function guardOf(runs: Guarded, wanted: Guarded, text: Text): string | undefined {
  const count = (section: object) => Object.keys(section).length;
  const hear = ({ notify }: Guarded) => Object.values(notify).some(hears);
  if (hear(runs) && !hear(wanted)) return text.lastReceiver;
  if (count(runs.rules) > 0 && count(wanted.rules) === 0) return text.lastRule;
  return undefined;
}

/**
 * A secret that a revision names and that is used outside of the managed sections only: with it a receiver that somebody
 * far away invents would be told the password of a device, or central's token.
 */
export function foreignSecret(
  asked: ReadonlySet<string>,
  before: { readonly managed: ReadonlySet<string>; readonly others: ReadonlySet<string> },
): string | undefined {
  return [...asked].find((name) => before.others.has(name) && !before.managed.has(name));
}
