import { panelSyncText } from "../../../../config/language/panel-sync.ts";
import type { SyncDetail } from "../../sync-api.ts";
import { Ago } from "../ago.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { Fact } from "./way-card.tsx";

const megabyte = 1_048_576;

/** The newest daily backup, whether it can be used, and whether it would outlive the card. */
export function BackupCard({ detail: { backup } }: { readonly detail: SyncDetail }) {
  const { preference, format } = usePanel();
  const words = panelSyncText[preference.language.value].backup;
  const { newest, problem, enabled, sameDisk, dir } = backup;
  return (
    <div class="card">
      <h3>{words.title}</h3>
      {!enabled && <Advice what={words.off} todo={words.offTodo} />}
      {problem !== undefined && <Advice what={problem.message} todo={problem.todo ?? ""} />}
      {newest === undefined && enabled && <Advice what={words.none} todo={words.noneTodo} />}
      <dl class="facts">
        {newest !== undefined && (
          <Fact name={words.newest}>
            <Ago at={newest.at} /> ·{" "}
            {format.value.number(Math.ceil((10 * newest.bytes) / megabyte) / 10)} MB
          </Fact>
        )}
        <Fact name={words.where}>
          <code>{dir}</code>
        </Fact>
      </dl>
      {newest?.sound === true && (
        <p>
          <Tag tone="good" shape="check">
            {words.sound}
          </Tag>{" "}
          <span class="row-detail">{words.soundHint}</span>
        </p>
      )}
      {newest?.sound === false && <Advice what={words.damaged} todo={words.damagedTodo} />}
      {sameDisk && enabled && <Advice what={words.sameDisk} todo={words.sameDiskTodo} />}
    </div>
  );
}

function Advice({ what, todo }: { readonly what: string; readonly todo: string }) {
  return (
    <div class="sync-advice">
      <Tag tone="uncertain" shape="triangle">
        {what}
      </Tag>
      <p class="figure-todo">{todo}</p>
    </div>
  );
}
