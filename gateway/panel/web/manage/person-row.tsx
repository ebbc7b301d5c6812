import { useState } from "preact/hooks";
import { panelPeopleText } from "../../../../config/language/panel-people.ts";
import type { UserView } from "../../api.ts";
import { At } from "../ago.tsx";
import { Button } from "../components/button.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import type { Fault } from "../request.ts";
import { usePersonChange } from "./person-change.ts";
import type { PersonQuestion } from "./person-dialogs.tsx";

interface PersonRowProps {
  readonly person: UserView;
  readonly onAsk: (question: PersonQuestion) => void;
  readonly onChanged: () => void;
}

/** One person with what can be done about the account. */
export function PersonRow({ person, onAsk, onChanged }: PersonRowProps) {
  const { preference, text } = usePanel();
  const { people: words, comma } = panelPeopleText[preference.language.value];
  const change = usePersonChange(person.user);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const send = async (body: Parameters<typeof change>[0]) => {
    setBusy(true);
    const answer = await change(body);
    setBusy(false);
    setFault(answer.ok ? undefined : answer.fault);
    onChanged();
  };
  const name = person.user;
  return (
    <div class="row person">
      <div class="row-main">
        <p class="row-title">
          {name}
          {person.fullName !== undefined && person.fullName !== "" && ` · ${person.fullName}`}
        </p>
        <p class="row-detail">
          {person.roles.map((role) => text.value.roles[role]).join(comma)} · {words.since}{" "}
          <At at={person.createdAt} />
        </p>
        {person.disabled && (
          <Tag tone="old" shape="dash">
            {words.disabled}
          </Tag>
        )}
        {person.locked && (
          <Tag tone="high" shape="latch">
            {words.locked}
          </Tag>
        )}
        <FaultBox fault={fault} />
      </div>
      <div class="person-actions">
        {person.locked && (
          <Button
            kind="primary"
            busy={busy}
            label={words.unlockNamed(name)}
            onPress={() => void send({ unlock: true })}
          >
            {words.unlock}
          </Button>
        )}
        <Button label={words.editNamed(name)} onPress={() => onAsk({ ask: "edit", person })}>
          {words.edit}
        </Button>
        <Button
          label={words.setPasswordNamed(name)}
          onPress={() => onAsk({ ask: "password", person })}
        >
          {words.setPassword}
        </Button>
        <Button
          busy={busy}
          label={person.disabled ? words.enableNamed(name) : words.disableNamed(name)}
          onPress={() => void send({ disabled: !person.disabled })}
        >
          {person.disabled ? words.enable : words.disable}
        </Button>
      </div>
    </div>
  );
}
