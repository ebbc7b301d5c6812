import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Banner } from "../../../../gateway/panel/web/components/banner.tsx";
import { FaultBox } from "../../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../../gateway/panel/web/components/tag.tsx";
import { useCentral } from "../central.ts";
import { RecordTable } from "../record-table.tsx";
import { type AccessRecord, accessOf } from "./answers.ts";
import { useAnswer } from "./use-answer.ts";

/** A certificate renews itself a month before its end; with so little left it did not. */
const soonMs = 10 * 86_400_000;

/** By what a gateway proves who it is, until when, and what was ended. */
export function IdentityPart() {
  const { selected, preference } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const path = `/v1/gateways/${encodeURIComponent(selected.value ?? "")}/identity`;
  const { body, fault } = useAnswer(path, accessOf);
  return (
    <Section id="identity" title={words.title}>
      <p class="hint">{words.about}</p>
      <FaultBox fault={body === undefined ? fault : undefined} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && <Known record={body} />}
    </Section>
  );
}

function Known({ record }: { readonly record: AccessRecord }) {
  const { preference, format, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const { hasToken, revokedAt, codeUntil, certificates } = record;
  const time = (at: number) => format.value.time(at, now.value);
  const good = certificates.find(
    (it) => it.revokedAt === undefined && it.notAfter > now.value && revokedAt === undefined,
  );
  const isIn = revokedAt === undefined && (hasToken || good !== undefined);
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
            <Tag tone={isIn ? "good" : "bad"} shape={isIn ? "check" : "cross"}>
              {isIn ? words.in : words.none}
            </Tag>
          </dd>
        </div>
        <div>
          <dt>{words.certificate}</dt>
          <dd>{good === undefined ? words.certificateNo : words.until(time(good.notAfter))}</dd>
        </div>
        <div>
          <dt>{words.token}</dt>
          <dd>{hasToken ? words.tokenYes : words.tokenNo}</dd>
        </div>
        <div>
          <dt>{words.code}</dt>
          <dd>{codeUntil === undefined ? words.codeNo : words.codeUntil(time(codeUntil))}</dd>
        </div>
      </dl>
      {certificates.length > 0 && <Certificates record={record} />}
    </>
  );
}

function Certificates({ record }: { readonly record: AccessRecord }) {
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
            <CertificateTag certificate={one} />
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
  const { preference, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const { revokedAt, revokedWhy, notAfter } = props.certificate;
  const left = notAfter - now.value;
  if (revokedAt !== undefined) {
    return (
      <span>
        <Tag tone="bad" shape="cross">
          {words.ended}
        </Tag>{" "}
        <span class="row-detail">{revokedWhy}</span>
      </span>
    );
  }
  if (left <= 0) {
    return (
      <Tag tone="bad" shape="clock">
        {words.over}
      </Tag>
    );
  }
  if (left <= soonMs) {
    return (
      <Tag tone="medium" shape="triangle">
        {words.soon}
      </Tag>
    );
  }
  return (
    <Tag tone="good" shape="check">
      {words.good}
    </Tag>
  );
}
