import { Login, Setup } from "./account.tsx";
import { Acknowledge } from "./acknowledge.tsx";
import { HistoryDialog } from "./history-dialog.tsx";
import { usePanel } from "./panel.ts";

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
    case "history": {
      const point = known?.points.find(({ key }) => key === asked.point);
      return point === undefined ? null : <HistoryDialog point={point} />;
    }
  }
}
