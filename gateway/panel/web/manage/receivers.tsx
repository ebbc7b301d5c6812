import { useEffect, useState } from "preact/hooks";
import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { ReceiverView } from "../../response-api.ts";
import { Ago, At } from "../ago.tsx";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { receiversOf } from "./answers.ts";
import { TestResult, waits } from "./test-result.tsx";

/** While a test is on its way somebody stands there and waits for its result. */
const lookAgainMs = 1_500;

/** Longer than this nobody waits; the slow look of every page goes on. */
const watchedMs = 120_000;

interface ReceiversProps {
  /** What was not tested for too long, as the gateway lists it. */
  readonly due: readonly string[];
  readonly onTested: () => void;
}

export function Receivers({ due, onTested }: ReceiversProps) {
  const { preference, now } = usePanel();
  const words = panelManageText[preference.language.value];
  const { body, fault, refetch } = useFetched("/api/receivers", receiversOf);
  const watched = body?.some(({ test }) => waits(test, now.peek(), watchedMs)) ?? false;
  useEffect(() => {
    if (!watched) return undefined;
    const timer = setTimeout(refetch, lookAgainMs);
    return () => clearTimeout(timer);
  }, [watched, body]);
  const tested = () => {
    refetch();
    onTested();
  };
  return (
    <Section id="receivers" title={words.receivers.title}>
      <p class="hint">{words.receivers.about}</p>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.length === 0 && (
        <div class="empty">
          <p>{words.receivers.none}</p>
          <p>{words.receivers.noneTodo}</p>
        </div>
      )}
      <ul class="row-list">
        {body?.map((receiver) => (
          <li key={receiver.id}>
            <Receiver
              receiver={receiver}
              due={due.includes(`receiver/${receiver.id}`)}
              onTested={tested}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface ReceiverProps {
  readonly receiver: ReceiverView;
  readonly due: boolean;
  readonly onTested: () => void;
}

function Receiver({ receiver, due, onTested }: ReceiverProps) {
  const panel = usePanel();
  const words = panelManageText[panel.preference.language.value];
  const [busy, setBusy] = useState(false);
  const name = receiver.name ?? receiver.id;
  const send = async () => {
    setBusy(true);
    const answer = await panel.act(`/api/receivers/${encodeURIComponent(receiver.id)}/test`);
    setBusy(false);
    panel.fault.value = answer.ok ? undefined : answer.fault;
    if (answer.ok) onTested();
  };
  const reachable = receiver.channels.length > 0;
  return (
    <div class="row told">
      <div class="row-main">
        <p class="row-title">{name}</p>
        {reachable ? (
          <p class="row-detail">
            {receiver.channels
              .map(({ channel, addresses }) =>
                addresses > 1
                  ? `${words.channels[channel]} (${words.receivers.addresses(addresses)})`
                  : words.channels[channel],
              )
              .join(" · ")}
          </p>
        ) : (
          <Tag tone="bad" shape="cross">
            {words.receivers.noAddress}
          </Tag>
        )}
        {receiver.failing.map(({ channel, since, problem }) => (
          <p class="told-failing" key={channel}>
            <Tag tone="bad" shape="cross">
              {words.channels[channel]}: {words.receivers.failing}
            </Tag>{" "}
            {words.receivers.failingSince} <At at={since} /> (<Ago at={since} />) ·{" "}
            <code>{problem}</code>
          </p>
        ))}
        <TestResult test={receiver.test} due={due && reachable} />
      </div>
      {reachable && panel.may("test") !== false && (
        <Button
          label={words.receivers.testNamed(name)}
          busy={busy}
          onPress={() => panel.whenLoggedIn(() => void send())}
        >
          {words.receivers.test}
        </Button>
      )}
    </div>
  );
}
