import { useState } from "preact/hooks";
import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { DutiesList } from "./duties-list.tsx";
import { ForPerson } from "./for-person.tsx";
import { passwordCharsMax, passwordCharsMin } from "./person-limits.ts";

/** One's own name, roles and password. */
export function AccountPage() {
  const { preference, session, text } = usePanel();
  const words = panelPeopleText[preference.language.value];
  const [changing, setChanging] = useState(false);
  const [changed, setChanged] = useState(false);
  const { user, roles = [], may = [] } = session.value;
  return (
    <>
      <Section id="account" title={words.account.title}>
        <ForPerson>
          <div class="card stack">
            <p>
              {words.account.you} <strong>{user}</strong>
            </p>
            <p>
              {words.people.roles}: {roles.map((role) => text.value.roles[role]).join(words.comma)}
            </p>
            <p class="hint">
              {may.length === 0
                ? words.duties.reads
                : may.map((permission) => words.permissions[permission]).join(words.comma)}
            </p>
            <output>{changed && words.account.changed}</output>
            <Button onPress={() => setChanging(true)}>{words.account.change}</Button>
          </div>
        </ForPerson>
      </Section>
      <Section id="duties" title={words.duties.title}>
        <DutiesList />
      </Section>
      {changing && (
        <PasswordDialog
          onClose={(done) => {
            setChanging(false);
            setChanged(done);
          }}
        />
      )}
    </>
  );
}

function PasswordDialog({ onClose }: { readonly onClose: (done: boolean) => void }) {
  const { preference, text, act } = usePanel();
  const words = panelPeopleText[preference.language.value];
  return (
    <Dialog
      title={words.account.changeTitle}
      closeLabel={text.value.button.close}
      onClose={() => onClose(false)}
    >
      <Form
        submit={words.account.change}
        cancel={text.value.button.cancel}
        onCancel={() => onClose(false)}
        send={({ password = "", newPassword = "" }) =>
          act("/api/session/password", { password, newPassword })
        }
        onDone={() => onClose(true)}
      >
        <Field
          id="password"
          kind="password"
          label={words.account.old}
          autocomplete="current-password"
          lengthMax={passwordCharsMax}
        />
        <Field
          id="newPassword"
          kind="password"
          label={text.value.account.newPassword}
          hint={text.value.account.passwordHint}
          autocomplete="new-password"
          lengthMin={passwordCharsMin}
          lengthMax={passwordCharsMax}
        />
      </Form>
    </Dialog>
  );
}
