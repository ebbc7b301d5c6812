import type { ComponentChildren } from "preact";
import { panelSyncText } from "../../../../config/language/panel-sync.ts";
import type { SyncDetail } from "../../sync-api.ts";
import { Ago } from "../ago.tsx";
import { durationText } from "../duration.ts";
import { usePanel } from "../panel.ts";

/** A heartbeat comes once a minute: silence for less is no outage. */
const goneMsMin = 120_000;

/** Rows are written in batches and then sent: history that is younger than this is not behind. */
const behindMsMin = 60_000;

interface DetailProps {
  readonly detail: SyncDetail;
}

/** When central was heard last, how fast rows go, when the backlog is gone. */
export function WayToCentral({ detail }: DetailProps) {
  const { preference, format, text } = usePanel();
  const words = panelSyncText[preference.language.value].way;
  const { agent, goneMs, etaMs, lastContactAt } = detail;
  const lasting = (ms: number) => durationText(ms, text.value.sync.duration);
  const count = format.value.integer;
  return (
    <div class="card">
      <h3>{words.title}</h3>
      <dl class="facts">
        <Fact name={words.lastContact}>
          {lastContactAt === undefined ? words.never : <Ago at={lastContactAt} />}
        </Fact>
        {goneMs !== undefined && goneMs >= goneMsMin && (
          <Fact name={words.gone}>{lasting(goneMs)}</Fact>
        )}
        {etaMs !== undefined && etaMs > 0 && <Fact name={words.eta}>{lasting(etaMs)}</Fact>}
        {agent?.rowsPerSecond !== undefined && agent.rowsPerSecond > 0 && (
          <Fact name={words.rate}>{words.perSecond(count(agent.rowsPerSecond))}</Fact>
        )}
        {agent?.behindMs !== undefined && agent.behindMs >= behindMsMin && (
          <Fact name={words.behind}>{lasting(agent.behindMs)}</Fact>
        )}
        {agent !== undefined && agent.rejectedRows > 0 && (
          <Fact name={words.rejected}>{count(agent.rejectedRows)}</Fact>
        )}
      </dl>
      {agent !== undefined && agent.rejectedRows > 0 && (
        <p class="figure-todo">{words.rejectedTodo}</p>
      )}
    </div>
  );
}

/** What waits in each lane, and how old the oldest of it is. */
export function Lanes({ detail }: DetailProps) {
  const { preference, format } = usePanel();
  const words = panelSyncText[preference.language.value].lanes;
  return (
    <div class="card">
      <h3>{words.title}</h3>
      <dl class="facts">
        {(["events", "samples"] as const).map((name) => {
          const { backlog, oldestAt } = detail.lanes[name];
          return (
            <Fact name={words[name]} key={name}>
              {backlog === 0 ? words.none : words.waiting(format.value.integer(backlog))}
              {backlog > 0 && oldestAt !== undefined && (
                <span class="row-detail">
                  {" "}
                  · {words.oldest} <Ago at={oldestAt} />
                </span>
              )}
            </Fact>
          );
        })}
      </dl>
      <p class="figure-todo">{words.eventsFirst}</p>
    </div>
  );
}

export function Fact(props: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
