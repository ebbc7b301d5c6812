import type { SyncView } from "../api.ts";
import { Ago } from "./ago.tsx";
import { Section } from "./components/section.tsx";
import { Tag } from "./components/tag.tsx";
import { durationText } from "./duration.ts";
import { usePanel } from "./panel.ts";
import { syncState } from "./sync-state.ts";
import { hashOf } from "./view.ts";

/** Sooner than this it is gone before somebody has read it. */
const etaMsMin = 30_000;

export function Sync() {
  const { snapshot, text, wall } = usePanel();
  const words = text.value.sync;
  const sync = snapshot.value?.sync;
  if (sync === undefined) return null;
  return (
    <Section
      id="sync"
      title={words.title}
      aside={
        !wall.value && (
          <a class="button quiet" href={hashOf("manage", "sync")}>
            {words.details}
          </a>
        )
      }
    >
      {sync.configured ? <Ways sync={sync} /> : <p class="empty">{words.alone}</p>}
    </Section>
  );
}

function Ways({ sync }: { readonly sync: SyncView }) {
  const { text, wall } = usePanel();
  const words = text.value.sync;
  return (
    <div class="card">
      <p class="sync-state">
        <StateTag sync={sync} />
        {wall.value && isLong(sync) && (
          <span>
            {words.eta} {durationText(sync.etaMs, words.duration)}
          </span>
        )}
      </p>
      {sync.problem !== undefined && <p class="row-detail">{sync.problem}</p>}
      {sync.todo !== undefined && <p class="notice-todo">{sync.todo}</p>}
      <dl class="facts">
        {wall.value ||
          (["events", "samples"] as const).map((name) => (
            <div key={name}>
              <dt>{words.lanes[name]}</dt>
              <dd>
                <Backlog lane={sync.lanes[name]} />
              </dd>
            </div>
          ))}
        {!wall.value && isLong(sync) && (
          <div>
            <dt>{words.eta}</dt>
            <dd>{durationText(sync.etaMs, words.duration)}</dd>
          </div>
        )}
        {sync.lastContactAt !== undefined && (
          <div>
            <dt>{words.lastContact}</dt>
            <dd>
              <Ago at={sync.lastContactAt} />
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}

function isLong(sync: SyncView): sync is SyncView & { readonly etaMs: number } {
  return sync.etaMs !== undefined && sync.etaMs >= etaMsMin;
}

function Backlog({ lane }: { readonly lane: SyncView["lanes"]["events"] }) {
  const { text, format } = usePanel();
  const words = text.value.sync;
  if (lane.backlog === 0) return <>{words.backlogNone}</>;
  return <>{words.backlog(format.value.integer(lane.backlog))}</>;
}

export function StateTag({ sync }: { readonly sync: SyncView }) {
  const { text, now } = usePanel();
  const words = text.value.sync;
  switch (syncState(sync, now.value)) {
    case "alone":
    case "up-to-date":
      return (
        <Tag tone="good" shape="check">
          {words.upToDate}
        </Tag>
      );
    case "sending":
      return (
        <Tag tone="low" shape="circle">
          {words.sending}
        </Tag>
      );
    case "waiting":
      return (
        <Tag tone="neutral" shape="dash">
          {words.waiting}
        </Tag>
      );
    case "offline":
      return <Offline at={sync.lastContactAt} />;
  }
}

/** Grey, not red: the rack is as safe as before, and nothing is lost. */
function Offline({ at }: { readonly at: number | undefined }) {
  const { text, format, now } = usePanel();
  const words = text.value.sync;
  return (
    <>
      <Tag tone="old" shape="clock">
        {at === undefined ? words.never : words.offline(format.value.time(at, now.peek()))}
      </Tag>
      <span class="row-detail">{words.kept}</span>
    </>
  );
}
