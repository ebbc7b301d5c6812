import "../style/pages.css";
import type { FunctionComponent } from "preact";
import type { Language } from "../../../../config/language/language.ts";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { panelConfigurationText } from "../../../../config/language/panel-configuration.ts";
import { panelManageText } from "../../../../config/language/panel-manage.ts";
import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import { panelSyncText } from "../../../../config/language/panel-sync.ts";
import { Lazy } from "../components/lazy.tsx";
import { usePanel } from "../panel.ts";
import { hashOf } from "../view.ts";

/** One part of the management; `#/manage/<id>` leads to it. */
interface Part {
  readonly id: string;
  readonly title: (language: Language) => string;
  readonly load: () => Promise<FunctionComponent>;
}

const parts: readonly [Part, ...Part[]] = [
  {
    id: "daily",
    title: (language) => panelAlarmsText[language].daily.title,
    load: async () => (await import("./daily-check.tsx")).DailyCheck,
  },
  {
    id: "receivers",
    title: (language) => panelManageText[language].receivers.title,
    load: async () => (await import("./told-page.tsx")).ToldPage,
  },
  {
    id: "figures",
    title: (language) => panelManageText[language].figures.title,
    load: async () => (await import("./figures-page.tsx")).FiguresPage,
  },
  {
    id: "calibrations",
    title: (language) => panelManageText[language].calibrations.title,
    load: async () => (await import("./calibrations-page.tsx")).CalibrationsPage,
  },
  {
    id: "sync",
    title: (language) => panelSyncText[language].title,
    load: async () => (await import("../sync/sync-page.tsx")).SyncPage,
  },
  {
    id: "configuration",
    title: (language) => panelConfigurationText[language].title,
    load: async () => (await import("./configurations-page.tsx")).ConfigurationsPage,
  },
  {
    id: "audit",
    title: (language) => panelManageText[language].audit.title,
    load: async () => (await import("./audit-page.tsx")).AuditPage,
  },
  {
    id: "people",
    title: (language) => panelPeopleText[language].people.title,
    load: async () => (await import("./people-page.tsx")).PeoplePage,
  },
  {
    id: "account",
    title: (language) => panelPeopleText[language].account.title,
    load: async () => (await import("./account-page.tsx")).AccountPage,
  },
];

/** What is done from time to time and not at the moment of an alarm. */
export function ManagePage() {
  const { preference, view } = usePanel();
  const language = preference.language.value;
  const shown = parts.find(({ id }) => id === view.value.part) ?? parts[0];
  return (
    <>
      <ul class="part-list">
        {parts.map(({ id, title }) => (
          <li key={id}>
            <a
              class="button"
              href={hashOf("manage", id)}
              {...(id === shown.id && { "aria-current": "page" })}
            >
              {title(language)}
            </a>
          </li>
        ))}
      </ul>
      <Lazy load={shown.load} props={{}} />
    </>
  );
}
