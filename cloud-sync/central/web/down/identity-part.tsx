import { useState } from "preact/hooks";
import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Banner } from "../../../../gateway/panel/web/components/banner.tsx";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import { Dialog } from "../../../../gateway/panel/web/components/dialog.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../../gateway/panel/web/components/tag.tsx";
import { CodeForm } from "../access/code-form.tsx";
import { type Ended, RevokeDialog } from "../access/revoke-dialog.tsx";
import { Ending, Standing } from "../access/standing.tsx";
import { useCentral } from "../central.ts";
import { RecordTable } from "../record-table.tsx";
import { useAnswer } from "../use-answer.ts";
import { type AccessRecord, accessOf } from "./answers.ts";

/** By what a gateway proves who it is, until when, and what was ended; codes for it, and the way to shut it out. */
export function IdentityPart() {
  const { selected, preference, shared } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const gateway = selected.value ?? "";
  const path = `/v1/gateways/${encodeURIComponent(gateway)}/identity`;
  const { body, fault, refetch } = useAnswer(path, accessOf);
  const [asked, setAsked] = useState<Ended | "code" | undefined>(undefined);
  const close = () => {
    setAsked(undefined);
    refetch();
  };
  return (
    <Section id="identity" title={words.title}>
      <p class="hint">{words.about}</p>
      <FaultBox fault={body === undefined ? fault : undefined} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && (
        <>
          <Known record={body} onEnd={setAsked} />
          <p class="down-buttons">
            <Button onPress={() => setAsked("code")}>{words.enrol.open}</Button>
            {body.hasToken && body.revokedAt === undefined && (
              <Button onPress={() => setAsked({ kind: "token" })}>
                {words.revoke.submit.token}
              </Button>
            )}
            {body.revokedAt === undefined && (
              <Button onPress={() => setAsked({ kind: "all" })}>{words.revoke.submit.all}</Button>
            )}
          </p>
        </>
      )}
      {asked === "code" && (
        <Dialog
          title={words.enrol.title(gateway)}
          closeLabel={shared.value.button.close}
          onClose={close}
        >
          <p class="hint">{words.enrol.about}</p>
          <CodeForm onClose={close} check={async () => ({ gateway })} />
        </Dialog>
      )}
      {asked !== undefined && asked !== "code" && (
        <RevokeDialog gateway={gateway} ended={asked} onClose={close} />
      )}
    </Section>
  );
}

interface KnownProps {
  readonly record: AccessRecord;
  readonly onEnd: (ended: Ended) => void;
}

function Known({ record, onEnd }: KnownProps) {
  const { preference, format, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const { hasToken, revokedAt, notAfter, codeUntil, certificates } = record;
  const time = (at: number) => format.value.time(at, now.value);
  const isGood = revokedAt === undefined && notAfter !== undefined && notAfter > now.value;
  return (
    <>
      {revokedAt !== undefined && (
        <Banner
          tone="bad"
          shape="cross"
          title={words.revoked(time(revokedAt))}
          detail={words.revokedTodo}
        />
      )}
      <dl class="down-facts card">
        <div>
          <dt>{words.state}</dt>
          <dd>
            <Standing row={record} />
          </dd>
        </div>
        <div>
          <dt>{words.certificate}</dt>
          <dd>{isGood ? words.until(time(notAfter)) : words.nothing}</dd>
        </div>
        <div>
          <dt>{words.token}</dt>
          <dd>{hasToken && revokedAt === undefined ? words.tokenYes : words.nothing}</dd>
        </div>
        <div>
          <dt>{words.code}</dt>
          <dd>{codeUntil === undefined ? words.nothing : words.codeUntil(time(codeUntil))}</dd>
        </div>
      </dl>
      {certificates.length > 0 && <Certificates {...{ record, onEnd }} />}
    </>
  );
}

function Certificates({ record, onEnd }: KnownProps) {
  const { preference, format, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const time = (at: number) => format.value.time(at, now.value);
  return (
    <RecordTable
      title={words.certificates}
      heads={[words.serial, words.state, words.ends, words.issued, words.used]}
    >
      {record.certificates.map((one) => (
        <tr key={one.serial}>
          <td data-label={words.serial}>
            <code>{one.serial}</code>
          </td>
          <td data-label={words.state}>
            <span>
              <CertificateTag certificate={one} />{" "}
              {one.revokedAt === undefined && one.notAfter > now.value && (
                <Button
                  kind="quiet"
                  label={`${words.revoke.submit.certificate}: ${one.serial}`}
                  onPress={() => onEnd({ kind: "certificate", serial: one.serial })}
                >
                  {words.revoke.submit.certificate}
                </Button>
              )}
            </span>
          </td>
          <td data-label={words.ends}>{time(one.notAfter)}</td>
          <td data-label={words.issued}>{time(one.issuedAt)}</td>
          <td data-label={words.used}>
            {one.firstUsedAt === undefined ? words.never : time(one.firstUsedAt)}
          </td>
        </tr>
      ))}
    </RecordTable>
  );
}

function CertificateTag(props: { readonly certificate: AccessRecord["certificates"][number] }) {
  const words = centralIdentityText[useCentral().preference.language.value];
  const { revokedAt, revokedWhy, notAfter } = props.certificate;
  if (revokedAt === undefined) return <Ending notAfter={notAfter} />;
  const why = Object.entries(words.endedBy).find(([said]) => said === revokedWhy)?.[1];
  return (
    <span>
      <Tag tone="bad" shape="cross">
        {words.ended}
      </Tag>{" "}
      <span class="row-detail">{why ?? revokedWhy}</span>
    </span>
  );
}
