import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { PushesView } from "../../response-api.ts";
import { At } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Shape } from "../components/shape.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { priorityShapes } from "../severity.ts";
import { useFetched } from "../use-fetched.ts";
import { pushesOf } from "./answers.ts";

/** Messages that wait, and those that were given up. */
export function Pushes() {
  const { preference } = usePanel();
  const words = panelManageText[preference.language.value];
  const { body, fault } = useFetched("/api/pushes", pushesOf);
  if (body === undefined) return <FaultBox fault={fault} />;
  return (
    <div class="stack">
      <FaultBox fault={fault} />
      {body.flooded && (
        <div class="notice flooded tone-high">
          <Shape name="triangle" />
          <div>
            <p class="row-title">{words.pushes.flooded}</p>
            <p>{words.pushes.floodedTodo}</p>
          </div>
        </div>
      )}
      <p>{body.waiting === 0 ? words.pushes.waitingNone : words.pushes.waiting(body.waiting)}</p>
      <h3>{words.pushes.dead}</h3>
      {body.dead.length === 0 ? (
        <p>
          <Tag tone="good" shape="check">
            {words.pushes.deadNone}
          </Tag>
        </p>
      ) : (
        <>
          <p class="hint">{words.pushes.deadTodo}</p>
          <ul class="row-list">
            {body.dead.map((letter) => (
              <Dead letter={letter} key={letter.id} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Dead({ letter }: { readonly letter: PushesView["dead"][number] }) {
  const { preference, text } = usePanel();
  const words = panelManageText[preference.language.value];
  const { priority, channel } = letter;
  const kinds: Readonly<Record<string, string>> = words.pushes.kinds;
  return (
    <li class="row">
      <div class="row-main">
        <p class="row-title">{letter.short}</p>
        <p class="row-detail">
          <Tag tone={priority} shape={priorityShapes[priority]}>
            {text.value.alarms.priority[priority]}
          </Tag>{" "}
          {kinds[letter.kind] ?? letter.kind} · {letter.receiver} · {words.channels[channel]} ·{" "}
          <At at={letter.at} /> · {words.pushes.attempts(letter.attempts)}
        </p>
        <p>
          <code>{letter.problem}</code>
        </p>
      </div>
    </li>
  );
}
