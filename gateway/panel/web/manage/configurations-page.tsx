import { useState } from "preact/hooks";
import { panelConfigurationText } from "../../../../config/language/panel-configuration.ts";
import { panelManageText } from "../../../../config/language/panel-manage.ts";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { WhoMay } from "../who-may.tsx";
import { configurationsOf } from "./answers.ts";
import { ConfigurationRow } from "./configuration-row.tsx";
import { ForPerson } from "./for-person.tsx";
import { RestoreDialog } from "./restore-dialog.tsx";

/** What this gateway ran lately, and the way back to it. */
export function ConfigurationsPage() {
  const words = panelConfigurationText[usePanel().preference.language.value];
  return (
    <Section id="configuration" title={words.title}>
      <p class="hint">{words.about}</p>
      <ForPerson>
        <Configurations />
      </ForPerson>
    </Section>
  );
}

function Configurations() {
  const { preference, may } = usePanel();
  const language = preference.language.value;
  const words = panelConfigurationText[language];
  const { body, fault, refetch } = useFetched("/api/configurations", configurationsOf);
  const [asked, setAsked] = useState<number | undefined>(undefined);
  const [written, setWritten] = useState<number | undefined>(undefined);
  const isTrying = body?.some(({ outcome }) => outcome === "trial") === true;
  const mayRestore = may("configuration") === true;
  return (
    <div class="stack">
      {!mayRestore && <WhoMay permission="configuration" />}
      <output>{written !== undefined && words.written(written)}</output>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && (
        <p class="loading">{panelManageText[language].loading}…</p>
      )}
      {body?.length === 0 && <p class="empty">{words.none}</p>}
      {body !== undefined && body.length > 0 && (
        <ol class="row-list">
          {body.map((configuration) => (
            <ConfigurationRow
              key={configuration.serial}
              configuration={configuration}
              {...(mayRestore && !isTrying && { onRestore: setAsked })}
            />
          ))}
        </ol>
      )}
      {asked !== undefined && (
        <RestoreDialog
          serial={asked}
          seen={body?.[0]?.serial ?? 0}
          onClose={() => {
            setAsked(undefined);
            refetch();
          }}
          onDone={() => {
            setWritten(asked);
            setAsked(undefined);
            refetch();
          }}
        />
      )}
    </div>
  );
}
