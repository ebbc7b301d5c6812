import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import type { UserView } from "../../api.ts";
import { type Role, roles } from "../../duties.ts";
import { Dialog } from "../components/dialog.tsx";
import { Field, Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";
import type { Answer } from "../request.ts";
import { usePersonChange } from "./person-change.ts";
import {
  fullNameCharsMax,
  passwordCharsMax,
  passwordCharsMin,
  userCharsMax,
} from "./person-limits.ts";
import { RoleChoice } from "./role-choice.tsx";

type Fields = Readonly<Record<string, string>>;

export interface PersonQuestion {
  readonly ask: "edit" | "password";
  readonly person: UserView;
}

interface DialogProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Roles as the boxes that are ticked say. */
function rolesIn(fields: Fields): readonly Role[] {
  return roles.filter((role) => fields[`role-${role}`] !== undefined);
}

/** An answer that was not worth asking the gateway for. */
function useRolesMissing(): () => Answer {
  const words = panelPeopleText[usePanel().preference.language.value].people;
  const { rolesMissing: message, rolesMissingTodo: todo } = words;
  return () => ({ ok: false, status: 0, fault: { code: "roles-missing", message, todo } });
}

export function NewPerson({ onClose, onDone }: DialogProps) {
  const { preference, text, act } = usePanel();
  const words = panelPeopleText[preference.language.value].people;
  const rolesMissing = useRolesMissing();
  const send = async (fields: Fields) => {
    const { user = "", fullName = "", password = "" } = fields;
    const given = rolesIn(fields);
    if (given.length === 0) return rolesMissing();
    const named = fullName.trim() === "" ? {} : { fullName: fullName.trim() };
    return act("/api/users", { user: user.trim(), password, roles: given, ...named });
  };
  return (
    <Dialog title={words.addTitle} closeLabel={text.value.button.close} onClose={onClose}>
      <Form
        submit={words.add}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={send}
        onDone={onDone}
      >
        <Field id="user" label={words.user} hint={words.userHint} lengthMax={userCharsMax} />
        <Field id="fullName" label={words.fullName} required={false} lengthMax={fullNameCharsMax} />
        <Field
          id="password"
          kind="password"
          label={words.password}
          hint={words.passwordHint}
          autocomplete="new-password"
          lengthMin={passwordCharsMin}
          lengthMax={passwordCharsMax}
        />
        <RoleChoice given={["operator"]} />
      </Form>
    </Dialog>
  );
}

export function PersonDialog({
  question,
  ...rest
}: DialogProps & { readonly question: PersonQuestion }) {
  return question.ask === "edit" ? (
    <EditPerson person={question.person} {...rest} />
  ) : (
    <GivePassword person={question.person} {...rest} />
  );
}

type PersonProps = DialogProps & { readonly person: UserView };

function EditPerson({ person, onClose, onDone }: PersonProps) {
  const { preference, text } = usePanel();
  const words = panelPeopleText[preference.language.value].people;
  const change = usePersonChange(person.user);
  const rolesMissing = useRolesMissing();
  const send = async (fields: Fields) => {
    const given = rolesIn(fields);
    if (given.length === 0) return rolesMissing();
    return change({ roles: [...given], fullName: (fields["fullName"] ?? "").trim() });
  };
  return (
    <Dialog
      title={words.editTitle(person.user)}
      closeLabel={text.value.button.close}
      onClose={onClose}
    >
      <Form
        submit={words.edit}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={send}
        onDone={onDone}
      >
        <Field
          id="fullName"
          label={words.fullName}
          required={false}
          lengthMax={fullNameCharsMax}
          given={person.fullName ?? ""}
        />
        <RoleChoice given={person.roles} />
      </Form>
    </Dialog>
  );
}

function GivePassword({ person, onClose, onDone }: PersonProps) {
  const { preference, text } = usePanel();
  const words = panelPeopleText[preference.language.value].people;
  const change = usePersonChange(person.user);
  return (
    <Dialog
      title={words.passwordTitle(person.user)}
      closeLabel={text.value.button.close}
      onClose={onClose}
    >
      <Form
        submit={words.setPassword}
        cancel={text.value.button.cancel}
        onCancel={onClose}
        send={({ password = "" }) => change({ password })}
        onDone={onDone}
      >
        <Field
          id="password"
          kind="password"
          label={words.newPassword}
          hint={words.newPasswordHint}
          autocomplete="new-password"
          lengthMin={passwordCharsMin}
          lengthMax={passwordCharsMax}
        />
      </Form>
    </Dialog>
  );
}
