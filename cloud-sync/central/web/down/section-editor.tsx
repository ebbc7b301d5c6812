import { useRef, useState } from "preact/hooks";
import { centralDownText } from "../../../../config/language/central-down.ts";
import type { Sections } from "../../../../config/managed-sections.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Field, Form } from "../../../../gateway/panel/web/components/form.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { Shape } from "../../../../gateway/panel/web/components/shape.tsx";
import type { Answer } from "../../../../gateway/panel/web/request.ts";
import { difference, sectionText } from "../../down/section-text.ts";
import { useCentral } from "../central.ts";
import { type Configuration, issuedOf } from "./answers.ts";
import { Difference } from "./difference.tsx";
import { NeedsToken } from "./needs-token.tsx";
import { changedSections, type Mistake, mistakesIn, readSections } from "./section-source.ts";

/** As central takes one. */
export const revisionCommentCharsMax = 2_000;

/** What the author has seen. */
interface Ground {
  readonly digest: string;
  readonly sections: Sections;
}

interface EditorProps {
  readonly path: string;
  readonly running: Running;
  /** Absent: to this gateway. */
  readonly submit?: string;
  readonly onDone: (revision: number | undefined) => void;
}

/** What runs on a gateway, or what a group gives. */
type Running = Pick<Configuration, "digest" | "author" | "sections">;

/** The managed sections as a text. What was seen goes with it, so that nobody overwrites what nobody looked at. */
export function SectionEditor({ path, running, submit, onDone }: EditorProps) {
  const { preference, decide } = useCentral();
  const words = centralDownText[preference.language.value].edit;
  const now: Ground = { digest: running.digest, sections: running.sections ?? {} };
  const [ground, setGround] = useState(now);
  const [mistakes, setMistakes] = useState<readonly Mistake[]>([]);
  const editor = useRef<HTMLTextAreaElement>(null);
  const send = async (fields: Readonly<Record<string, string>>): Promise<Answer> => {
    const text = editor.current?.value ?? "";
    setMistakes([]);
    const read = readSections(text, words);
    if ("mistakes" in read) return wrong(read.mistakes);
    const sections = changedSections(ground.sections, read.sections);
    if (Object.keys(sections).length === 0) return failed(words.same);
    const comment = fields["revision-comment"]?.trim() ?? "";
    const answer = await decide(`${path}/revisions`, {
      ...{ sections, base: ground.digest },
      ...(comment === "" ? {} : { comment }),
    });
    const found = answer.ok ? undefined : mistakesIn(answer.fault.message, text);
    return found === undefined ? answer : wrong(found);
  };
  const wrong = (found: readonly Mistake[]): Answer => {
    setMistakes(found);
    return failed(words.wrong(found.length), words.notSent);
  };
  return (
    <Section id="edit" title={words.title}>
      <div class="card">
        {now.digest !== ground.digest && (
          <Changed
            running={running}
            ground={ground}
            onAgain={() => {
              if (editor.current !== null) editor.current.value = sectionText(now.sections);
              setGround(now);
            }}
            onKeep={() => setGround(now)}
          />
        )}
        <Form
          submit={submit ?? words.send}
          cancel={words.cancel}
          onCancel={() => onDone(undefined)}
          send={send}
          onDone={(body) => onDone(issuedOf(body))}
          aside={(fault) => (
            <>
              <Mistakes mistakes={mistakes} editor={editor.current} />
              <NeedsToken fault={fault} />
            </>
          )}
        >
          <p class="hint" id="sections-hint">
            {words.about}
          </p>
          <div class="field">
            <label for="sections">{words.text}</label>
            <textarea
              id="sections"
              ref={editor}
              class="source"
              rows={18}
              spellcheck={false}
              autocomplete="off"
              wrap="off"
              aria-describedby="sections-hint"
              defaultValue={sectionText(now.sections)}
            />
          </div>
          <Field
            id="revision-comment"
            label={words.comment}
            required={false}
            lengthMax={revisionCommentCharsMax}
          />
        </Form>
      </div>
    </Section>
  );
}

function Changed(props: {
  readonly running: Running;
  readonly ground: Ground;
  readonly onAgain: () => void;
  readonly onKeep: () => void;
}) {
  const words = centralDownText[useCentral().preference.language.value].edit;
  const lines = difference(props.ground.sections, props.running.sections ?? {});
  return (
    <div class="notice tone-medium down-changed" role="alert">
      <Shape name="triangle" />
      <div class="row-main">
        <p class="row-title">{words.changedTitle}</p>
        <p>{words.changedBy(props.running.author)}</p>
        {lines === "" ? <p>{words.changedSame}</p> : <Difference lines={lines} />}
        <p class="down-buttons">
          <Button onPress={props.onAgain}>{words.again}</Button>
          <Button onPress={props.onKeep}>{words.keep}</Button>
        </p>
      </div>
    </div>
  );
}

function Mistakes(props: {
  readonly mistakes: readonly Mistake[];
  readonly editor: HTMLTextAreaElement | null;
}) {
  const words = centralDownText[useCentral().preference.language.value].edit;
  return (
    <ul class="mistakes">
      {props.mistakes.map(({ path, message, line }) => (
        <li key={`${path} ${line} ${message}`}>
          {line !== undefined && (
            <Button kind="quiet" onPress={() => show(props.editor, line)}>
              {words.line(line)}
            </Button>
          )}
          <span>
            {path !== "" && <code>{path}</code>} {message}
          </span>
        </li>
      ))}
    </ul>
  );
}

function show(editor: HTMLTextAreaElement | null, line: number): void {
  if (editor === null) return;
  const lines = editor.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  editor.focus();
  editor.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}

function failed(message: string, todo?: string): Answer {
  const fault = { code: "page", message, ...(todo === undefined ? {} : { todo }) };
  return { ok: false, status: 0, fault };
}
