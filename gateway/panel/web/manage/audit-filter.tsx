import { panelManageText } from "../../../../config/language/panel-manage.ts";
import { usePanel } from "../panel.ts";
import type { AuditQuestion } from "./audit-search.ts";
import { dayEnd, dayStart } from "./zone-day.ts";

const actorCharsMax = 64;

interface AuditFilterProps {
  readonly onSearch: (question: AuditQuestion) => void;
}

/** Person, action and days of the place that is watched. */
export function AuditFilter({ onSearch }: AuditFilterProps) {
  const { preference, snapshot } = usePanel();
  const words = panelManageText[preference.language.value].audit;
  const zone = snapshot.value?.gateway.timezone;
  const search = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const text = (name: string) => String(fields.get(name) ?? "").trim();
    const from = dayStart(text("from"), zone);
    const to = dayEnd(text("to"), zone);
    onSearch({
      actor: text("actor"),
      action: text("action"),
      ...(!Number.isNaN(from) && { from }),
      ...(!Number.isNaN(to) && { to }),
    });
  };
  return (
    <form
      class="filter card"
      onSubmit={(event) => {
        event.preventDefault();
        search(event.currentTarget);
      }}
    >
      <div class="field">
        <label for="actor">{words.actor}</label>
        <input id="actor" name="actor" maxLength={actorCharsMax} autocomplete="off" />
      </div>
      <div class="field">
        <label for="action">{words.action}</label>
        <select id="action" name="action">
          {Object.entries(words.actions).map(([prefix, name]) => (
            <option key={prefix} value={prefix}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="from">{words.from}</label>
        <input id="from" name="from" type="date" />
      </div>
      <div class="field">
        <label for="to">{words.to}</label>
        <input id="to" name="to" type="date" />
      </div>
      <button type="submit" class="button primary">
        {words.search}
      </button>
    </form>
  );
}
