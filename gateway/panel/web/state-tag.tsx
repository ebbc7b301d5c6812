import type { AlarmView } from "../api.ts";
import { Tag } from "./components/tag.tsx";
import { usePanel } from "./panel.ts";
import { stateShapes } from "./severity.ts";

/** The state in word and shape; what is plainly active has a border or a fill in the colour of its priority. */
export function StateTag({ alarm }: { readonly alarm: Pick<AlarmView, "state"> }) {
  const words = usePanel().text.value.alarms.state;
  const { state } = alarm;
  const shape = stateShapes[state];
  if (shape === undefined) return <span class={`alarm-state ${state}`}>{words[state]}</span>;
  const isOver = state === "returned-unacknowledged" || state === "normal";
  return (
    <Tag tone={isOver ? "good" : "neutral"} shape={shape}>
      {words[state]}
    </Tag>
  );
}
