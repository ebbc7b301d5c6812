import { useState } from "preact/hooks";
import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import type { UserView } from "../../api.ts";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { usersOf } from "./answers.ts";
import { DutiesList } from "./duties-list.tsx";
import { ForPerson } from "./for-person.tsx";
import { NewPerson, PersonDialog, type PersonQuestion } from "./person-dialogs.tsx";
import { PersonRow } from "./person-row.tsx";

/** Who may act here, for whoever manages people. */
export function PeoplePage() {
  const words = panelPeopleText[usePanel().preference.language.value];
  return (
    <>
      <Section id="people" title={words.people.title}>
        <p class="hint">{words.people.about}</p>
        <ForPerson permission="users">
          <People />
        </ForPerson>
      </Section>
      <Section id="duties" title={words.duties.title}>
        <DutiesList />
      </Section>
    </>
  );
}

function People() {
  const { preference } = usePanel();
  const words = panelPeopleText[preference.language.value].people;
  const { body, fault, refetch } = useFetched("/api/users", usersOf);
  const [asked, setAsked] = useState<PersonQuestion | "new" | undefined>(undefined);
  const close = () => setAsked(undefined);
  const done = () => {
    close();
    refetch();
  };
  return (
    <div class="stack">
      <FaultBox fault={fault} />
      <ul class="row-list">
        {body?.toSorted(byName).map((person) => (
          <li key={person.user}>
            <PersonRow person={person} onAsk={setAsked} onChanged={refetch} />
          </li>
        ))}
      </ul>
      <div>
        <Button kind="primary" onPress={() => setAsked("new")}>
          {words.add}
        </Button>
      </div>
      {asked === "new" && <NewPerson onClose={close} onDone={done} />}
      {asked !== undefined && asked !== "new" && (
        <PersonDialog question={asked} onClose={close} onDone={done} />
      )}
    </div>
  );
}

/** Those who may still act come first. */
function byName(left: UserView, right: UserView): number {
  return Number(left.disabled) - Number(right.disabled) || left.user.localeCompare(right.user);
}
