import { useState } from "preact/hooks";
import { centralGroupsText } from "../../../../config/language/central-groups.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Field, Form } from "../../../../gateway/panel/web/components/form.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { useCentral } from "../central.ts";
import { NeedsToken } from "../down/needs-token.tsx";
import { useAnswer } from "../use-answer.ts";
import { hashOfGroup } from "../view.ts";
import { groupNamesOf, groupOf } from "./answers.ts";
import { GroupView } from "./group-view.tsx";

/** As central takes names of groups. */
const nameCharsMax = 63;
const namePattern = /^[a-z0-9][a-z0-9._-]*$/i;

/** Groups of gateways that get the same rules, limits and receivers. */
export function GroupsPage() {
  const { view } = useCentral();
  const shown = view.value;
  if (shown.page !== "groups") return null;
  return shown.name === undefined ? <List /> : <GroupView key={shown.name} name={shown.name} />;
}

function List() {
  const { preference } = useCentral();
  const words = centralGroupsText[preference.language.value];
  const { body, fault } = useAnswer("/v1/groups", groupNamesOf);
  const [adds, setAdds] = useState(false);
  return (
    <Section
      id="groups"
      title={words.title}
      aside={<Button onPress={() => setAdds(true)}>{words.add}</Button>}
    >
      <p class="hint">{words.about}</p>
      <FaultBox fault={body === undefined ? fault : undefined} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.length === 0 && <p class="empty">{words.none}</p>}
      {body !== undefined && body.length > 0 && (
        <ul class="parts">
          {body.map((name) => (
            <li key={name}>
              <a class="button" href={hashOfGroup(name)}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      )}
      {adds && <AddGroup onClose={() => setAdds(false)} />}
    </Section>
  );
}

function AddGroup({ onClose }: { readonly onClose: () => void }) {
  const { preference, shared, decide, get } = useCentral();
  const words = centralGroupsText[preference.language.value];
  return (
    <Dialog title={words.add} closeLabel={shared.value.button.close} onClose={onClose}>
      <p class="hint">{words.addAbout}</p>
      <Form
        submit={words.add}
        cancel={shared.value.button.cancel}
        onCancel={onClose}
        send={async (fields) => {
          const name = fields["group-name"]?.trim() ?? "";
          if (!namePattern.test(name)) return refused(words.nameWrong, words.nameHint);
          const path = `/v1/groups/${encodeURIComponent(name)}`;
          const known = await get(path);
          // Making it once more would leave it without its members.
          if (known.ok) return refused(words.known(name));
          return known.status === 404 ? decide(path, { members: [] }, "PUT") : known;
        }}
        onDone={(body) => {
          onClose();
          const made = groupOf(body);
          if (made !== undefined) location.hash = hashOfGroup(made.name);
        }}
        aside={(fault) => <NeedsToken fault={fault} />}
      >
        <Field id="group-name" label={words.name} hint={words.nameHint} lengthMax={nameCharsMax} />
      </Form>
    </Dialog>
  );
}

function refused(message: string, todo?: string) {
  const fault = { code: "page", message, ...(todo === undefined ? {} : { todo }) };
  return { ok: false, status: 0, fault } as const;
}
