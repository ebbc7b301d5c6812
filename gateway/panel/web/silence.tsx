import { Button } from "./components/button.tsx";
import { Shape } from "./components/shape.tsx";
import { usePanel } from "./panel.ts";
import { WhoMay } from "./who-may.tsx";

/** How long the buzzers keep quiet: time to walk to the room and look, not time to forget. */
const silenceMinutes = [5, 10, 15] as const;

/** Quiet for the person who came; says who made it quiet. Absent while nothing sounds or would sound. */
export function Silence() {
  const panel = usePanel();
  const { snapshot, text, wall, format, now } = panel;
  const words = text.value.outputs;
  const outputs = snapshot.value?.outputs ?? [];
  const silence = outputs.find((output) => output.silence !== undefined)?.silence;
  const sounding = outputs.some((output) => output.alarms.length > 0 && !output.silenced);
  const send = async (minutes: number) => {
    const answer = await panel.act("/api/silence", { minutes });
    panel.fault.value = answer.ok ? undefined : answer.fault;
  };
  return (
    <>
      {silence !== undefined && (
        <p class="silenced">
          <Shape name="mute" />
          {words.silencedBy(silence.by, format.value.time(silence.until, now.value))}
        </p>
      )}
      {sounding && !wall.value && (
        <div class="silence">
          <p class="silence-title">
            <Shape name="mute" />
            {words.silenceFor}
          </p>
          {panel.may("silence") === false ? (
            <WhoMay permission="silence" />
          ) : (
            silenceMinutes.map((minutes) => (
              <Button
                key={minutes}
                label={words.silence(minutes)}
                onPress={() => panel.whenLoggedIn(() => void send(minutes))}
              >
                {words.silenceMinutes(minutes)}
              </Button>
            ))
          )}
          <p class="hint">{words.silenceHint}</p>
        </div>
      )}
    </>
  );
}
