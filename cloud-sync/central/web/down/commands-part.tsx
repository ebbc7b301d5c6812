import { useState } from "preact/hooks";
import { centralCommandsText } from "../../../../config/language/central-commands.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { Tag, type Tone } from "../../../../gateway/panel/web/components/tag.tsx";
import type { Fault } from "../../../../gateway/panel/web/request.ts";
import type { ShapeName } from "../../../../gateway/panel/web/severity.ts";
import type { CommandRecord } from "../../down/commands.ts";
import { useCentral } from "../central.ts";
import { RecordTable } from "../record-table.tsx";
import { useAnswer } from "../use-answer.ts";
import { commandsOf, type FileRecord, filesOf } from "./answers.ts";
import { CommandForm } from "./command-form.tsx";

/** Those that need no alarm: that one is acknowledged from its row. */
const actions = ["silence", "test", "restart-channel", "send-logs"] as const;
type Action = (typeof actions)[number];

const looks: Readonly<Record<CommandRecord["state"], { tone: Tone; shape: ShapeName }>> = {
  waiting: { tone: "neutral", shape: "dash" },
  fetched: { tone: "low", shape: "circle" },
  done: { tone: "good", shape: "check" },
  refused: { tone: "bad", shape: "cross" },
  failed: { tone: "bad", shape: "cross" },
  expired: { tone: "old", shape: "clock" },
  interrupted: { tone: "old", shape: "cross" },
};

/** What a gateway is told to do now, and what became of it. */
export function CommandsPart() {
  const { selected, preference, shared, hasToken } = useCentral();
  const words = centralCommandsText[preference.language.value];
  const gateway = selected.value ?? "";
  const path = `/v1/gateways/${encodeURIComponent(gateway)}`;
  const { body, fault, refetch } = useAnswer(`${path}/commands`, commandsOf);
  const [asked, setAsked] = useState<Action | undefined>(undefined);
  const close = () => setAsked(undefined);
  return (
    <>
      <Section id="commands" title={words.title}>
        <p class="hint">{words.about}</p>
        <p class="down-buttons">
          {actions.map((action) => (
            <Button key={action} onPress={() => setAsked(action)}>
              {words.actions[action]}
            </Button>
          ))}
        </p>
        <FaultBox fault={body === undefined ? fault : undefined} />
        {body?.length === 0 && <p class="empty">{words.none}</p>}
        {body !== undefined && body.length > 0 && <List commands={body} />}
      </Section>
      {hasToken.value && <Files path={path} />}
      {asked !== undefined && (
        <Dialog title={words.actions[asked]} closeLabel={shared.value.button.close} onClose={close}>
          <CommandForm
            gateway={gateway}
            action={asked}
            targetLabel={
              asked === "test" || asked === "restart-channel" ? words.target[asked] : undefined
            }
            onCancel={close}
            onDone={() => {
              close();
              refetch();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function List({ commands }: { readonly commands: readonly CommandRecord[] }) {
  const { preference, format, now } = useCentral();
  const words = centralCommandsText[preference.language.value];
  return (
    <RecordTable title={words.list} heads={[words.what, words.state, words.who, words.when]}>
      {commands.map(({ id, action, target, comment, by, issuedAt, state, reason }) => (
        <tr key={id}>
          <td data-label={words.what}>
            <span>
              <span class="row-title">{words.actions[action]}</span>
              {target !== undefined && <span class="row-detail"> {target}</span>}
              {comment !== undefined && <span class="row-detail"> · {comment}</span>}
            </span>
          </td>
          <td data-label={words.state}>
            <span>
              <Tag {...looks[state]}>{words.states[state]}</Tag>
              {reason !== undefined && <span class="row-detail"> {reason}</span>}
            </span>
          </td>
          <td data-label={words.who}>{by}</td>
          <td data-label={words.when}>{format.value.time(issuedAt, now.value)}</td>
        </tr>
      ))}
    </RecordTable>
  );
}

/** Logs tell more than values: nothing stands here for who may only read. */
function Files({ path }: { readonly path: string }) {
  const { preference, format, now, fetchFile } = useCentral();
  const words = centralCommandsText[preference.language.value].files;
  const { body } = useAnswer(`${path}/files`, filesOf);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const save = async ({ id }: FileRecord) => {
    const blob = await fetchFile(`${path}/files/${encodeURIComponent(id)}`);
    setFault(
      blob === undefined ? { code: "page", message: words.lost, todo: words.todo } : undefined,
    );
    if (blob !== undefined) saveBlob(`${id}.tar.gz`, blob);
  };
  const whole = body?.filter(({ finished }) => finished) ?? [];
  if (body === undefined) return null;
  return (
    <Section id="files" title={words.title}>
      <FaultBox fault={fault} />
      {whole.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="revisions">
        {whole.map((file) => (
          <li class="card revision-head" key={file.id}>
            <span>{format.value.time(file.at, now.value)}</span>
            <Button onPress={() => void save(file)}>
              {words.get(`${format.value.integer(Math.ceil(file.size / 1_024))} KiB`)}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of the content with the click.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}
