import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import type { Decision } from "../../../cold-chain/decisions.ts";
import type { ExcursionView } from "../../response-api.ts";
import { Tag, type Tone } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import type { ShapeName } from "../severity.ts";
import { decidedOf } from "./excursion-list.ts";

const looks: Readonly<Record<"none" | Decision, readonly [Tone, ShapeName]>> = {
  none: ["uncertain", "question"],
  quarantined: ["uncertain", "latch"],
  released: ["good", "check"],
  discarded: ["bad", "cross"],
};

/** Whether it is over, where it comes from, and what was decided about the goods. */
export function ExcursionState({ excursion }: { readonly excursion: ExcursionView }) {
  const words = panelAlarmsText[usePanel().preference.language.value].excursions;
  const decided = decidedOf(excursion);
  const [tone, shape] = looks[decided];
  return (
    <p class="alarm-facts">
      {excursion.state === "open" ? (
        <Tag tone="critical" shape="thermometer">
          {words.open}
        </Tag>
      ) : (
        <Tag tone="neutral" shape="check">
          {words.closed}
        </Tag>
      )}
      <Tag tone={tone} shape={shape}>
        {words.decided[decided]}
      </Tag>
      {excursion.kind === "historic" && (
        <Tag tone="old" shape="clock">
          {words.historic}
        </Tag>
      )}
    </p>
  );
}
