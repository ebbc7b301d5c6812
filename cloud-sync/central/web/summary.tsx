import { waitsForPerson } from "../../../gateway/panel/web/severity.ts";
import { useCentral } from "./central.ts";

/** The fleet in four numbers. */
export function Summary() {
  const { gateways, alarms, text, format } = useCentral();
  const words = text.value.summary;
  const rows = gateways.value ?? [];
  const silent = rows.filter((row) => row.state === "silent" || row.state === "stopped").length;
  const waiting = alarms.value.filter(waitsForPerson).length;
  const figures: readonly (readonly [string, number, string])[] = [
    [words.gateways, rows.length, ""],
    [words.silent, silent, silent > 0 ? "figure-old" : ""],
    [words.alarms, alarms.value.length, ""],
    [words.waiting, waiting, waiting > 0 ? "figure-critical" : ""],
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
