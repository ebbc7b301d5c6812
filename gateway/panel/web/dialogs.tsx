import { Login, Setup } from "./account.tsx";
import { Acknowledge } from "./acknowledge.tsx";
import { Lazy } from "./components/lazy.tsx";
import { HistoryDialog } from "./history-dialog.tsx";
import { usePanel } from "./panel.ts";

const dialogs = {
  alarm: async () => (await import("./alarms/alarm-dialog.tsx")).AlarmDialog,
  several: async () => (await import("./alarms/acknowledge-several.tsx")).AcknowledgeSeveral,
} as const;

/** The one dialog that is open. */
export function Dialogs() {
  const { question, snapshot } = usePanel();
  const asked = question.value;
  const known = snapshot.value;
  if (asked === undefined) return null;
  switch (asked.ask) {
    case "login":
      return <Login then={asked.then} />;
    case "setup":
      return <Setup then={asked.then} />;
    case "acknowledge": {
      const alarm = known?.alarms.find(({ id }) => id === asked.alarm);
      return alarm === undefined ? null : <Acknowledge alarm={alarm} />;
    }
    case "alarm": {
      const alarm = known?.alarms.find(({ id }) => id === asked.alarm);
      return alarm === undefined ? null : <Lazy load={dialogs.alarm} props={{ alarm }} />;
    }
    case "acknowledge-several":
      return <Lazy load={dialogs.several} props={{}} />;
    case "history": {
      const point = known?.points.find(({ key }) => key === asked.point);
      return point === undefined ? null : <HistoryDialog point={point} />;
    }
  }
}
