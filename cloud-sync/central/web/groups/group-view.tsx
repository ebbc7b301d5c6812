import { useState } from "preact/hooks";
import { centralDownText } from "../../../../config/language/central-down.ts";
import { centralGroupsText } from "../../../../config/language/central-groups.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { sectionText } from "../../down/section-text.ts";
import { useCentral } from "../central.ts";
import { SectionEditor } from "../down/section-editor.tsx";
import { useAnswer } from "../use-answer.ts";
import { hashOfPage } from "../view.ts";
import { type Group, groupOf, groupRevisionsOf } from "./answers.ts";
import { GroupHistory } from "./group-history.tsx";
import { Members } from "./members.tsx";

/** One group: who is in it, what it gives, how that came about. */
export function GroupView({ name }: { readonly name: string }) {
  const { preference } = useCentral();
  const words = centralGroupsText[preference.language.value];
  const path = `/v1/groups/${encodeURIComponent(name)}`;
  const { body, fault, refetch } = useAnswer(path, groupOf);
  const history = useAnswer(`${path}/revisions`, groupRevisionsOf);
  const again = () => {
    refetch();
    history.refetch();
  };
  return (
    <>
      <Section
        id="group"
        title={words.group(name)}
        aside={
          <a class="button quiet" href={hashOfPage("groups")}>
            {words.back}
          </a>
        }
      >
        <FaultBox fault={body === undefined ? fault : undefined} />
        {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      </Section>
      {body !== undefined && (
        <>
          <Members {...{ path, group: body }} onChanged={again} />
          <Given
            {...{ path, group: body, author: history.body?.[0]?.author ?? "" }}
            onIssued={again}
          />
          <GroupHistory
            {...{ path, group: body, revisions: history.body ?? [] }}
            onRestored={again}
          />
        </>
      )}
    </>
  );
}

/** What the members get, and a place to change it. */
function Given(props: {
  readonly path: string;
  readonly group: Group;
  readonly author: string;
  readonly onIssued: () => void;
}) {
  const { preference, format } = useCentral();
  const words = centralGroupsText[preference.language.value];
  const edit = centralDownText[preference.language.value].edit;
  const { path, group, author, onIssued } = props;
  const [edits, setEdits] = useState(false);
  const [issued, setIssued] = useState<number | undefined>(undefined);
  const isEmpty = Object.keys(group.sections).length === 0;
  if (edits) {
    return (
      <SectionEditor
        path={path}
        running={{ digest: String(group.revision), author, sections: group.sections }}
        submit={words.send(format.value.integer(group.members.length))}
        onDone={(revision) => {
          setIssued(revision);
          setEdits(false);
          onIssued();
        }}
      />
    );
  }
  return (
    <Section id="given" title={words.given}>
      <p class="hint">{words.givenAbout}</p>
      {isEmpty ? (
        <p class="empty">{words.givenNothing}</p>
      ) : (
        <pre class="difference">{sectionText(group.sections)}</pre>
      )}
      <p class="down-buttons">
        <Button kind="primary" onPress={() => setEdits(true)}>
          {edit.open}
        </Button>
      </p>
      <output class="down-said">
        {issued !== undefined && words.sent(format.value.integer(issued))}
      </output>
    </Section>
  );
}
