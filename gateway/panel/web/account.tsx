import { useState } from "preact/hooks";
import { Dialog } from "./components/dialog.tsx";
import { Field, Form } from "./components/form.tsx";
import { Lazy } from "./components/lazy.tsx";
import { usePanel } from "./panel.ts";
import { request } from "./request.ts";
import { Wait } from "./wait.tsx";

/** Limits of the gateway's schema. */
const userCharsMax = 64;
const passwordCharsMax = 256;
const passwordCharsMin = 10;
const codeCharsMax = 64;

interface AccountProps {
  readonly then: (() => void) | undefined;
}

/** Closes the dialog, learns who is logged in, and goes on with what was asked for. */
function useLoggedIn(then: (() => void) | undefined) {
  const { question, refreshSession, session } = usePanel();
  return async () => {
    await refreshSession();
    question.value = undefined;
    if (session.value.user !== undefined) then?.();
  };
}

export function Login({ then }: AccountProps) {
  const { text, question } = usePanel();
  const words = text.value.account;
  const loggedIn = useLoggedIn(then);
  const close = () => {
    question.value = undefined;
  };
  return (
    <Dialog title={words.loginTitle} closeLabel={text.value.button.close} onClose={close}>
      <p class="hint">{words.loginWhy}</p>
      <Form
        submit={words.login}
        cancel={text.value.button.cancel}
        onCancel={close}
        send={(fields) => request("POST", "/api/session", text.value.fault, { body: fields })}
        onDone={() => void loggedIn()}
        aside={({ waitS }) => waitS !== undefined && <Wait seconds={waitS} />}
      >
        <Field id="user" label={words.user} autocomplete="username" lengthMax={userCharsMax} />
        <Field
          id="password"
          kind="password"
          label={words.password}
          autocomplete="current-password"
          lengthMax={passwordCharsMax}
        />
      </Form>
      <Duties />
    </Dialog>
  );
}

/** First start: whoever can read the gateway's log makes the first user. */
export function Setup({ then }: AccountProps) {
  const { text, question } = usePanel();
  const words = text.value.account;
  const loggedIn = useLoggedIn(then);
  const close = () => {
    question.value = undefined;
  };
  return (
    <Dialog title={words.setupTitle} closeLabel={text.value.button.close} onClose={close}>
      <p class="hint">{words.setupWhy}</p>
      <Form
        submit={words.create}
        cancel={text.value.button.cancel}
        onCancel={close}
        send={(fields) => request("POST", "/api/setup", text.value.fault, { body: fields })}
        onDone={() => void loggedIn()}
      >
        <Field id="code" label={words.code} hint={words.setupCodeHint} lengthMax={codeCharsMax} />
        <Field id="user" label={words.user} autocomplete="username" lengthMax={userCharsMax} />
        <Field
          id="password"
          kind="password"
          label={words.newPassword}
          hint={words.passwordHint}
          autocomplete="new-password"
          lengthMin={passwordCharsMin}
          lengthMax={passwordCharsMax}
        />
      </Form>
    </Dialog>
  );
}

/** Who may what, for those who ask themselves whose login is wanted. */
function Duties() {
  const { text } = usePanel();
  const [open, setOpen] = useState(false);
  return (
    <details class="fold" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{text.value.account.duties}</summary>
      {open && <Lazy load={loadDuties} props={{}} />}
    </details>
  );
}

const loadDuties = async () => (await import("./manage/duties-list.tsx")).DutiesList;
