import type { OutputView } from "../api.ts";
import { Button } from "./components/button.tsx";
import { Section } from "./components/section.tsx";
import { Tag } from "./components/tag.tsx";
import { usePanel } from "./panel.ts";
import { pointName } from "./reading.ts";

export function Outputs() {
  const panel = usePanel();
  const { snapshot, text, wall } = panel;
  const words = text.value.outputs;
  const outputs = snapshot.value?.outputs ?? [];
  const send = async (path: string) => {
    const answer = await panel.act(path);
    panel.fault.value = answer.ok ? undefined : answer.fault;
  };
  const act = (path: string) => panel.whenLoggedIn(() => void send(path));
  if (wall.value && outputs.length === 0) return null;
  return (
    <Section id="outputs" title={words.title}>
      {outputs.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="row-list">
        {outputs.map((output) => (
          <li key={output.key}>
            <Output
              output={output}
              onTest={() =>
                act(`/api/outputs/${output.key.split("/").map(encodeURIComponent).join("/")}/test`)
              }
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Output({ output, onTest }: { readonly output: OutputView; readonly onTest: () => void }) {
  const { text, wall, may } = usePanel();
  const words = text.value.outputs;
  const name = pointName(output);
  const notes = [
    output.testing && words.testing,
    output.silenced && words.silenced,
    output.alarms.length > 0 && words.drivenBy(output.alarms.length),
  ].filter((note) => note !== false);
  return (
    <div class="row">
      <svg class={output.value ? "lamp lit" : "lamp"} viewBox="0 0 24 24" aria-hidden="true">
        <circle class="lamp-glow" cx="12" cy="12" r="11" />
        <circle class="lamp-body" cx="12" cy="12" r="6.5" />
      </svg>
      <div class="row-main">
        <p class="row-title">{name}</p>
        <p class="row-detail">
          <span class={output.value ? "output-state lit" : "output-state"}>
            {output.value ? words.on : words.off}
          </span>
          {notes.length > 0 && ` · ${notes.join(" · ")}`}
        </p>
        {output.problem !== undefined && (
          <Tag tone="bad" shape="cross">
            {output.problem}
          </Tag>
        )}
      </div>
      {!wall.value && may("test") !== false && (
        <Button kind="quiet" label={words.testNamed(name)} busy={output.testing} onPress={onTest}>
          {words.test}
        </Button>
      )}
    </div>
  );
}
