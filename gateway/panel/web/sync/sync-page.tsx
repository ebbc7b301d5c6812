import type { ComponentChildren } from "preact";
import { panelSyncText } from "../../../../config/language/panel-sync.ts";
import type { SyncDetail } from "../../sync-api.ts";
import { At } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { Shape } from "../components/shape.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { StateTag } from "../sync.tsx";
import { useFetched } from "../use-fetched.ts";
import { BackupCard } from "./backup-card.tsx";
import { ClockCard } from "./clock-card.tsx";
import { RoadsCard } from "./roads-card.tsx";
import { StoreCard } from "./store-card.tsx";
import { syncDetailOf } from "./sync-answer.ts";
import { Lanes, WayToCentral } from "./way-card.tsx";

/** The agent writes its figures every 10 s; one that is silent for longer hangs or is not there. */
const agentSilentMsMax = 180_000;

/** How far central is, why not further, and what the store behind it can take. */
export function SyncPage() {
  const { preference, snapshot } = usePanel();
  const words = panelSyncText[preference.language.value];
  // What the stream brings moves the rest: the numbers of one screen belong together.
  const moved = snapshot.value?.sync.lastContactAt;
  const { body, fault } = useFetched("/api/sync", syncDetailOf, moved);
  return (
    <Section id="sync-detail" title={words.title}>
      <p class="hint">{words.about}</p>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && (
        <div class="sync-cards">
          <Trouble detail={body} />
          {body.configured && <WayToCentral detail={body} />}
          {body.configured && <Lanes detail={body} />}
          {body.roads.length > 1 && <RoadsCard detail={body} />}
          <StoreCard detail={body} />
          <ClockCard detail={body} />
          <BackupCard detail={body} />
          <Epochs detail={body} />
        </div>
      )}
    </Section>
  );
}

/** First of all: whether somebody has to do something. */
function Trouble({ detail }: { readonly detail: SyncDetail }) {
  const { preference, now } = usePanel();
  const words = panelSyncText[preference.language.value].trouble;
  const { trouble, agent, configured } = detail;
  if (!configured) return <Said what={words.alone} todo={words.aloneTodo} />;
  const silent = agent !== undefined && now.value - agent.at > agentSilentMsMax;
  if (trouble !== undefined) {
    return (
      <Said what={trouble.message} todo={trouble.todo}>
        {trouble.where !== undefined && <code>{trouble.where}</code>} {words.since}{" "}
        <At at={trouble.since} />
      </Said>
    );
  }
  if (silent) return <Said what={words.silentAgent} todo={words.silentAgentTodo} />;
  return (
    <div class="card sync-wide">
      <p class="sync-state">
        <StateTag sync={detail} />
      </p>
      <p class="hint">{words.none}</p>
    </div>
  );
}

function Said(props: {
  readonly what: string;
  readonly todo: string | undefined;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="notice tone-medium sync-wide sync-trouble">
      <Shape name="triangle" />
      <div class="row-main">
        <p class="row-title">{props.what}</p>
        {props.todo !== undefined && <p class="notice-todo">{props.todo}</p>}
        {props.children !== undefined && <p class="row-detail">{props.children}</p>}
      </div>
    </div>
  );
}

function Epochs({ detail: { epoch, epochs } }: { readonly detail: SyncDetail }) {
  const { preference, format } = usePanel();
  const words = panelSyncText[preference.language.value].epochs;
  const count = format.value.integer;
  return (
    <div class="card">
      <h3>{words.title}</h3>
      {epochs.length === 0 ? (
        <p>
          <Tag tone="good" shape="check">
            {words.none}
          </Tag>
        </p>
      ) : (
        <>
          <p class="hint">{words.about}</p>
          <ul class="sync-list">
            {epochs.map((one) => (
              <li key={one.epoch}>
                <code>{one.epoch}</code>{" "}
                <span>{words.shared(count(one.events), count(one.samples))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="row-detail">
        {words.current} <code>{epoch}</code>
      </p>
    </div>
  );
}
