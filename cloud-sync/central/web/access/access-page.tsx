import { useState } from "preact/hooks";
import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { useCentral } from "../central.ts";
import { firstPage, Pager, queryOf, SearchField } from "../search.tsx";
import { useAnswer } from "../use-answer.ts";
import { hashOfGateway } from "../view.ts";
import { AddDialog } from "./add-dialog.tsx";
import { type IdentityRow, identitiesOf } from "./answers.ts";
import { Ending, Standing, soonMs } from "./standing.tsx";

/** Which gateways may report, by what and until when; first those whose certificate ends soonest. */
export function AccessPage() {
  const { preference, text, adds } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const [place, setPlace] = useState(firstPage);
  const { body, fault } = useAnswer(`/v1/identities?${queryOf(place)}`, identitiesOf);
  return (
    <Section
      id="access"
      title={words.all}
      aside={
        <Button
          onPress={() => {
            adds.value = true;
          }}
        >
          {text.value.gateways.add}
        </Button>
      }
    >
      <p class="hint">{words.allAbout}</p>
      <SearchField
        id="access-search"
        label={text.value.gateways.search}
        onSearch={(search) => setPlace({ search, skip: 0 })}
      />
      <FaultBox fault={body === undefined ? fault : undefined} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.rows.length === 0 && (
        <p class="empty">
          {place.search === "" ? text.value.gateways.none : text.value.gateways.noneFound}
        </p>
      )}
      {body !== undefined && body.rows.length > 0 && (
        <>
          <Identities rows={body.rows} />
          <Pager
            {...{ place, found: body.found, shown: body.rows.length }}
            onSkip={(skip) => setPlace({ ...place, skip })}
          />
        </>
      )}
      {adds.value && <AddDialog />}
    </Section>
  );
}

function Identities({ rows }: { readonly rows: readonly IdentityRow[] }) {
  const { preference, text } = useCentral();
  const words = centralIdentityText[preference.language.value];
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{text.value.gateways.name}</th>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.certificate}</th>
          <th scope="col">{words.token}</th>
          <th scope="col">{words.code}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <IdentityLine key={row.gateway} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function IdentityLine({ row }: { readonly row: IdentityRow }) {
  const { preference, text, format, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const { gateway, name, hasToken, notAfter, codeUntil, revokedAt } = row;
  const time = (at: number) => format.value.time(at, now.value);
  return (
    <tr>
      <td data-label={text.value.gateways.name}>
        <a class="gateway-link" href={hashOfGateway(gateway, "identity")}>
          <span class="row-title">{name ?? gateway}</span>{" "}
          {name !== undefined && <span class="row-detail">{gateway}</span>}
        </a>
      </td>
      <td data-label={words.state}>
        <Standing row={row} />
      </td>
      <td data-label={words.certificate}>
        {notAfter === undefined || revokedAt !== undefined ? (
          words.nothing
        ) : (
          <span>
            {notAfter - now.value <= soonMs && <Ending notAfter={notAfter} />}{" "}
            <span class="row-detail">{words.until(time(notAfter))}</span>
          </span>
        )}
      </td>
      <td data-label={words.token}>
        {hasToken && revokedAt === undefined ? words.tokenYes : words.nothing}
      </td>
      <td data-label={words.code}>
        {codeUntil === undefined ? words.nothing : words.codeUntil(time(codeUntil))}
      </td>
    </tr>
  );
}
