import { useState } from "preact/hooks";
import { centralDownText } from "../../../../config/language/central-down.ts";
import { centralGroupsText } from "../../../../config/language/central-groups.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { useCentral } from "../central.ts";
import { Difference } from "../down/difference.tsx";
import { RestoreDialog } from "../down/restore-dialog.tsx";
import type { Group, GroupRevision } from "./answers.ts";

interface HistoryProps {
  readonly path: string;
  readonly group: Group;
  readonly revisions: readonly GroupRevision[];
  readonly onRestored: () => void;
}

/** Who changed what the group gives, when and why. */
export function GroupHistory({ path, group, revisions, onRestored }: HistoryProps) {
  const { preference, format, now } = useCentral();
  const text = centralDownText[preference.language.value].revisions;
  const words = centralGroupsText[preference.language.value];
  const [restored, setRestored] = useState<number | undefined>(undefined);
  return (
    <Section id="revisions" title={text.title}>
      <p class="hint">{words.historyAbout}</p>
      {revisions.length === 0 && <p class="empty">{words.historyNone}</p>}
      <ul class="revisions">
        {revisions.map((row) => (
          <li class="card" key={row.revision}>
            <div class="revision-head">
              <h3>{text.revision(format.value.integer(row.revision))}</h3>
              <span class="row-detail">
                {row.author} · {format.value.time(row.at, now.value)}
              </span>
            </div>
            {row.comment !== undefined && <p class="revision-comment">{row.comment}</p>}
            {row.difference !== "" && (
              <details>
                <summary>{text.difference}</summary>
                <Difference lines={row.difference} />
              </details>
            )}
            {row.revision !== group.revision && (
              <Button onPress={() => setRestored(row.revision)}>{text.restore}</Button>
            )}
          </li>
        ))}
      </ul>
      {restored !== undefined && (
        <RestoreDialog
          {...{ path, base: String(group.revision), revision: restored, why: words.restoreWhy }}
          onCancel={() => setRestored(undefined)}
          onDone={() => {
            setRestored(undefined);
            onRestored();
          }}
        />
      )}
    </Section>
  );
}
