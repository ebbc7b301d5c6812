import type { ComponentChildren } from "preact";
import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { Permission } from "../../duties.ts";
import { Button } from "../components/button.tsx";
import { usePanel } from "../panel.ts";
import { WhoMay } from "../who-may.tsx";

interface ForPersonProps {
  /** Absent: anybody who is logged in. */
  readonly permission?: Permission;
  readonly children: ComponentChildren;
}

/** What only a person may see; it is not even asked for before somebody is logged in. */
export function ForPerson({ permission, children }: ForPersonProps) {
  const { preference, session, may, whenLoggedIn } = usePanel();
  const language = preference.language.value;
  const words = panelManageText[language];
  if (session.value.user === undefined) {
    return (
      <div class="empty login-first">
        <p>{words.loginFirst}</p>
        <Button onPress={() => whenLoggedIn(() => undefined)}>{words.login}</Button>
      </div>
    );
  }
  if (permission !== undefined && may(permission) === false) {
    return (
      <div class="empty">
        <WhoMay permission={permission} />
      </div>
    );
  }
  return <>{children}</>;
}
