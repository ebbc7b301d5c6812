import { useState } from "preact/hooks";
import { centralGroupsText } from "../../../../config/language/central-groups.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { Form } from "../../../../gateway/panel/web/components/form.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { Tag, type Tone } from "../../../../gateway/panel/web/components/tag.tsx";
import type { ShapeName } from "../../../../gateway/panel/web/severity.ts";
import { useCentral } from "../central.ts";
import { NeedsToken } from "../down/needs-token.tsx";
import { nameOf } from "../freshness.ts";
import { gatewayPageOf } from "../rows.ts";
import { Pager, pageRows, queryOf, SearchField } from "../search.tsx";
import { useAnswer } from "../use-answer.ts";
import { hashOfGateway } from "../view.ts";
import { type Group, groupOf } from "./answers.ts";

type Member = Group["members"][number];

const looks: Readonly<Record<Member["state"], { tone: Tone; shape: ShapeName }>> = {
  told: { tone: "good", shape: "check" },
  due: { tone: "low", shape: "circle" },
  unknown: { tone: "uncertain", shape: "question" },
};

interface MembersProps {
  readonly path: string;
  readonly group: Group;
  readonly onChanged: () => void;
}

/** A gateway that is about to come into the group or to leave it. */
interface Change {
  readonly gateway: string;
  readonly comes: boolean;
}

/** Who is in a group and how far each of them is; gateways are found by a part of their name. */
export function Members({ path, group, onChanged }: MembersProps) {
  const { preference } = useCentral();
  const words = centralGroupsText[preference.language.value].members;
  const [change, setChange] = useState<Change | undefined>(undefined);
  const [skip, setSkip] = useState(0);
  const { members } = group;
  const shown = members.slice(skip, skip + pageRows);
  return (
    <Section id="members" title={words.title}>
      {members.length === 0 && <p class="empty">{words.none}</p>}
      {members.length > 0 && (
        <>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{words.gateway}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.act}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ gateway, state }) => (
                <tr key={gateway}>
                  <td data-label={words.gateway}>
                    <a class="gateway-link" href={hashOfGateway(gateway, "configuration")}>
                      {gateway}
                    </a>
                  </td>
                  <td data-label={words.state}>
                    <Tag {...looks[state]}>{words.states[state]}</Tag>
                  </td>
                  <td data-label={words.act}>
                    <Button
                      label={`${words.remove}: ${gateway}`}
                      onPress={() => setChange({ gateway, comes: false })}
                    >
                      {words.remove}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <Pager
            {...{ place: { search: "", skip }, found: members.length, shown: shown.length }}
            onSkip={setSkip}
          />
        </>
      )}
      <Candidates members={members} onChosen={(gateway) => setChange({ gateway, comes: true })} />
      {change !== undefined && (
        <ChangeDialog
          {...{ path, name: group.name, change }}
          onClose={(done) => {
            setChange(undefined);
            if (done) onChanged();
          }}
        />
      )}
    </Section>
  );
}

/** Gateways that could come in, once somebody types a part of a name. */
function Candidates(props: {
  readonly members: readonly Member[];
  readonly onChosen: (gateway: string) => void;
}) {
  const words = centralGroupsText[useCentral().preference.language.value].members;
  const [search, setSearch] = useState("");
  return (
    <>
      <SearchField id="member-search" label={words.search} onSearch={setSearch} />
      {search !== "" && <Hits {...props} search={search} />}
    </>
  );
}

function Hits(props: {
  readonly members: readonly Member[];
  readonly search: string;
  readonly onChosen: (gateway: string) => void;
}) {
  const { text, preference, format } = useCentral();
  const words = centralGroupsText[preference.language.value].members;
  const { members, search, onChosen } = props;
  const { body } = useAnswer(`/v1/fleet/gateways?${queryOf({ search, skip: 0 })}`, gatewayPageOf);
  if (body === undefined) return <p class="loading">{text.value.gateways.loading}…</p>;
  const known = new Set(members.map(({ gateway }) => gateway));
  const others = body.rows.filter(({ id }) => !known.has(id));
  const count = format.value.integer;
  return (
    <div aria-live="polite">
      {others.length === 0 && <p class="empty">{words.noneFound}</p>}
      <ul class="row-list">
        {others.map((row) => (
          <li class="row" key={row.id}>
            <span class="row-main">
              <span class="row-title">{nameOf(row)}</span>{" "}
              {row.name !== undefined && <span class="row-detail">{row.id}</span>}
            </span>
            <Button label={`${words.add}: ${row.id}`} onPress={() => onChosen(row.id)}>
              {words.add}
            </Button>
          </li>
        ))}
      </ul>
      {body.found > body.rows.length && (
        <p class="section-note">{words.more(count(body.rows.length), count(body.found))}</p>
      )}
    </div>
  );
}

function ChangeDialog(props: {
  readonly path: string;
  readonly name: string;
  readonly change: Change;
  readonly onClose: (done: boolean) => void;
}) {
  const { preference, shared, decide, get } = useCentral();
  const words = centralGroupsText[preference.language.value].members;
  const { path, name, change, onClose } = props;
  const { gateway, comes } = change;
  const send = async () => {
    // What somebody else changed since this page was drawn is not undone by it.
    const known = await get(path);
    if (!known.ok) return known;
    const now = groupOf(known.body);
    if (now === undefined) {
      const { unexpected: message, unexpectedTodo: todo } = shared.value.fault;
      return { ok: false, status: 0, fault: { code: "page", message, todo } } as const;
    }
    const left = now.members.map((it) => it.gateway).filter((id) => id !== gateway);
    return decide(path, { members: comes ? [...left, gateway] : left }, "PUT");
  };
  return (
    <Dialog
      title={comes ? words.addTitle(gateway) : words.removeTitle(gateway)}
      closeLabel={shared.value.button.close}
      onClose={() => onClose(false)}
    >
      <p>{comes ? words.addWhy(name) : words.removeWhy(name)}</p>
      <Form
        submit={comes ? words.add : words.remove}
        cancel={shared.value.button.cancel}
        onCancel={() => onClose(false)}
        send={send}
        onDone={() => onClose(true)}
        aside={(fault) => <NeedsToken fault={fault} />}
      >
        {null}
      </Form>
    </Dialog>
  );
}
