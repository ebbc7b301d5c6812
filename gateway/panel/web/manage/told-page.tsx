import { panelManageText } from "../../../../config/language/panel-manage.ts";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { dueOf } from "./answers.ts";
import { ForPerson } from "./for-person.tsx";
import { OutputTests } from "./output-tests.tsx";
import { Pushes } from "./pushes.tsx";
import { Receivers } from "./receivers.tsx";

/** Everything that calls people: whether it works, and since when not. */
export function ToldPage() {
  const { preference, snapshot } = usePanel();
  const words = panelManageText[preference.language.value];
  const { body: due, refetch } = useFetched("/api/due", dueOf, snapshot.value?.outputs);
  return (
    <>
      <Receivers due={due?.tests ?? []} onTested={refetch} />
      <OutputTests due={due} onTested={refetch} />
      <Section id="pushes" title={words.pushes.title}>
        <ForPerson>
          <Pushes />
        </ForPerson>
      </Section>
    </>
  );
}
