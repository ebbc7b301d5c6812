import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import { allowed, permissions, roles } from "../../duties.ts";
import { usePanel } from "../panel.ts";

/** Which role may do what. */
export function DutiesList() {
  const { preference, text } = usePanel();
  const words = panelPeopleText[preference.language.value];
  return (
    <div class="duties">
      <dl>
        {roles.map((role) => {
          const may = permissions.filter((permission) => allowed([role], permission));
          return (
            <div key={role}>
              <dt>{text.value.roles[role]}</dt>
              <dd>
                {may.length === 0
                  ? words.duties.reads
                  : may.map((permission) => words.permissions[permission]).join(words.comma)}
              </dd>
            </div>
          );
        })}
      </dl>
      <p class="hint">{words.duties.about}</p>
    </div>
  );
}
