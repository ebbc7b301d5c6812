import { useCentral } from "./central.ts";
import { openCount } from "./open-count.ts";

/** The fleet in four numbers. */
export function Summary() {
  const { fleet, text, format } = useCentral();
  const words = text.value.summary;
  if (fleet.value === undefined) return null;
  const { gateways, states, unacknowledged } = fleet.value;
  const silent = states.silent + states.stopped;
  const figures: readonly (readonly [string, number, string])[] = [
    [words.gateways, gateways, ""],
    [words.silent, silent, silent > 0 ? "figure-old" : ""],
    [words.alarms, openCount(fleet.value), ""],
    [words.waiting, unacknowledged, unacknowledged > 0 ? "figure-critical" : ""],
  ];
  return (
    <dl class="figures">
      {figures.map(([word, count, look]) => (
        <div class={`card figure ${look}`} key={word}>
          <dt>{word}</dt>
          <dd>{format.value.integer(count)}</dd>
        </div>
      ))}
    </dl>
  );
}
