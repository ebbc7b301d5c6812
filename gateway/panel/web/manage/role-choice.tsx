import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import { allowed, permissions, type Role, roles } from "../../duties.ts";
import { usePanel } from "../panel.ts";

/** A box for each role, with what it allows. */
export function RoleChoice({ given }: { readonly given: readonly Role[] }) {
  const { preference, text } = usePanel();
  const words = panelPeopleText[preference.language.value];
  return (
    <fieldset class="field choice">
      <legend>{words.people.roles}</legend>
      {roles.map((role) => {
        const may = permissions.filter((permission) => allowed([role], permission));
        return (
          <label class="check" key={role}>
            <input type="checkbox" name={`role-${role}`} defaultChecked={given.includes(role)} />
            <span>
              {text.value.roles[role]}
              <span class="hint">
                {may.length === 0
                  ? words.duties.reads
                  : may.map((permission) => words.permissions[permission]).join(words.comma)}
              </span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
