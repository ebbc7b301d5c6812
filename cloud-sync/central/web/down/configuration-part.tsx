import { useState } from "preact/hooks";
import { centralDownText } from "../../../../config/language/central-down.ts";
import { agoText } from "../../../../gateway/panel/web/age.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { useCentral } from "../central.ts";
import { useAnswer } from "../use-answer.ts";
import { type Configuration, configurationOf } from "./answers.ts";
import { Revisions } from "./revisions.tsx";
import { SectionEditor } from "./section-editor.tsx";
import { whoText } from "./who-text.ts";

/** What runs on a gateway, what was changed, and a place to change it. */
export function ConfigurationPart() {
  const { selected, preference } = useCentral();
  const words = centralDownText[preference.language.value];
  const path = `/v1/gateways/${encodeURIComponent(selected.value ?? "")}`;
  const { body, fault } = useAnswer(`${path}/configuration`, configurationOf);
  const [edits, setEdits] = useState(false);
  const [issued, setIssued] = useState<number | undefined>(undefined);
  return (
    <>
      <Section id="running" title={words.running.title}>
        <FaultBox fault={body === undefined ? fault : undefined} />
        {body === undefined && fault === undefined && (
          <p class="loading">{words.running.loading}…</p>
        )}
        {body !== undefined && <Running running={body} />}
        {body?.sections === undefined || edits || (
          <Button
            kind="primary"
            onPress={() => {
              setIssued(undefined);
              setEdits(true);
            }}
          >
            {words.edit.open}
          </Button>
        )}
        <output class="down-said">{issued !== undefined && words.edit.sent(String(issued))}</output>
      </Section>
      {body !== undefined && edits && (
        <SectionEditor
          path={path}
          running={body}
          onDone={(revision) => {
            setIssued(revision);
            setEdits(false);
          }}
        />
      )}
      <Revisions path={path} base={body?.digest} issued={issued} onIssued={setIssued} />
    </>
  );
}

function Running({ running }: { readonly running: Configuration }) {
  const { preference, format, now, shared } = useCentral();
  const language = centralDownText[preference.language.value];
  const words = language.running;
  const { serial, digest, author, source, at, sections } = running;
  return (
    <>
      <dl class="down-facts card">
        <div>
          <dt>{words.serial}</dt>
          <dd>{format.value.integer(serial)}</dd>
        </div>
        <div>
          <dt>{words.author}</dt>
          <dd>{whoText(author, source, language.sources)}</dd>
        </div>
        <div>
          <dt>{words.at}</dt>
          <dd>
            {format.value.time(at, now.value)}, {agoText(now.value - at, shared.value.age)}
          </dd>
        </div>
        <div>
          <dt>{words.digest}</dt>
          <dd>
            <code>{digest.slice(0, 12)}</code>
          </dd>
        </div>
      </dl>
      {sections === undefined && <p class="hint">{words.untold}</p>}
    </>
  );
}
