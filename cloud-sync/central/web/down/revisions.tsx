import { useEffect, useState } from "preact/hooks";
import { centralDownText } from "../../../../config/language/central-down.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { Tag, type Tone } from "../../../../gateway/panel/web/components/tag.tsx";
import type { ShapeName } from "../../../../gateway/panel/web/severity.ts";
import type { RevisionRecord } from "../../down/history.ts";
import { useCentral } from "../central.ts";
import { useAnswer } from "../use-answer.ts";
import { issuedOf, revisionsOf } from "./answers.ts";
import { Difference } from "./difference.tsx";
import { RestoreDialog } from "./restore-dialog.tsx";
import { whoText } from "./who-text.ts";

const looks: Readonly<Record<RevisionRecord["state"], { tone: Tone; shape: ShapeName }>> = {
  waiting: { tone: "neutral", shape: "dash" },
  fetched: { tone: "low", shape: "circle" },
  superseded: { tone: "old", shape: "dash" },
  applied: { tone: "low", shape: "circle" },
  confirmed: { tone: "good", shape: "check" },
  refused: { tone: "bad", shape: "cross" },
  "rolled-back": { tone: "bad", shape: "back" },
};

interface RevisionsProps {
  readonly path: string;
  /** Digest of what runs, as the page shows it. */
  readonly base: string | undefined;
  readonly issued: number | undefined;
  readonly onIssued: (revision: number | undefined) => void;
}

/** Who changed what, when and why, and what became of it. */
export function Revisions({ path, base, issued, onIssued }: RevisionsProps) {
  const { preference } = useCentral();
  const words = centralDownText[preference.language.value].revisions;
  const { body, fault, refetch } = useAnswer(`${path}/revisions`, revisionsOf);
  const [restored, setRestored] = useState<number | undefined>(undefined);
  useEffect(refetch, [issued]);
  return (
    <Section id="revisions" title={words.title}>
      <p class="hint">{words.about}</p>
      <FaultBox fault={body === undefined ? fault : undefined} />
      {body?.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="revisions">
        {body?.map((row) => (
          <RevisionCard
            key={`${row.revision} ${row.serial} ${row.at}`}
            row={row}
            onRestore={setRestored}
          />
        ))}
      </ul>
      {restored !== undefined && (
        <RestoreDialog
          {...{ path, base, revision: restored, why: words.restoreWhy }}
          onCancel={() => setRestored(undefined)}
          onDone={(body) => {
            setRestored(undefined);
            const revision = issuedOf(body);
            if (revision !== undefined) onIssued(revision);
          }}
        />
      )}
    </Section>
  );
}

function RevisionCard(props: {
  readonly row: RevisionRecord;
  readonly onRestore: (revision: number) => void;
}) {
  const { preference, format, now } = useCentral();
  const text = centralDownText[preference.language.value];
  const words = text.revisions;
  const { row } = props;
  const { revision, serial, author, source, group, at, state, comment, reason } = row;
  const { tone, shape } = looks[state];
  return (
    <li class="card">
      <div class="revision-head">
        <h3>
          {revision === undefined
            ? words.local(format.value.integer(serial ?? 0))
            : words.revision(format.value.integer(revision))}
        </h3>
        <Tag tone={tone} shape={shape}>
          {text.states[state]}
        </Tag>
      </div>
      <p class="row-detail">
        {whoText(author, source, text.sources)}
        {group !== undefined && ` · ${words.group(group)}`} · {format.value.time(at, now.value)}
      </p>
      {comment !== undefined && <p class="revision-comment">{comment}</p>}
      {reason !== undefined && <p class="revision-reason">{reason}</p>}
      {reason?.startsWith("config/conflict") === true && (
        <p class="revision-comment">{words.conflict}</p>
      )}
      {row.difference !== undefined && row.difference !== "" && (
        <details>
          <summary>{words.difference}</summary>
          <Difference lines={row.difference} />
        </details>
      )}
      {revision !== undefined && (
        <Button onPress={() => props.onRestore(revision)}>{words.restore}</Button>
      )}
    </li>
  );
}
