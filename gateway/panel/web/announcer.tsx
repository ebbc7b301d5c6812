import { useEffect, useRef, useState } from "preact/hooks";
import type { AlarmView } from "../api.ts";
import { usePanel } from "./panel.ts";
import { newlyRaised } from "./severity.ts";

/** How many alarms are read out at once: a flood of alarms would talk for minutes. */
const spokenMax = 3;

/**
 * Says new alarms aloud. The region stands empty in the page from the start, because screen readers speak only what
 * changes inside a region that they know.
 */
export function Announcer() {
  const { snapshot, text, preference } = usePanel();
  const before = useRef<readonly AlarmView[]>([]);
  const [spoken, setSpoken] = useState<readonly string[]>([]);
  const alarms = snapshot.value?.alarms;
  const locations = snapshot.value?.gateway.locations;
  useEffect(() => {
    if (alarms === undefined) return;
    const raised = newlyRaised(before.current, alarms);
    before.current = alarms;
    if (raised.length === 0) return;
    const { announce, priority } = text.value.alarms;
    setSpoken(
      raised.slice(0, spokenMax).map((alarm) => {
        const place = locations?.find(({ id }) => id === alarm.location);
        const where = place?.name ?? alarm.location ?? "";
        return announce(priority[alarm.priority], alarm.message, where);
      }),
    );
  }, [alarms, locations, text]);
  return (
    <div
      class="visually-hidden"
      aria-live="assertive"
      aria-atomic="true"
      lang={preference.language.value}
    >
      {spoken.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
