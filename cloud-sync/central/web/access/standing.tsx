import { centralIdentityText } from "../../../../config/language/central-identity.ts";
import { Tag } from "../../../../gateway/panel/web/components/tag.tsx";
import { useCentral } from "../central.ts";
import type { IdentityRow } from "./answers.ts";

/** A certificate renews itself a month before its end; with so little left it did not. */
export const soonMs = 10 * 86_400_000;

/** Whether anything lets a gateway in. */
export function Standing({ row }: { readonly row: IdentityRow }) {
  const { preference, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const { revokedAt, hasToken, notAfter, codeUntil } = row;
  if (revokedAt !== undefined) {
    return (
      <Tag tone="bad" shape="cross">
        {words.shutOut}
      </Tag>
    );
  }
  if (hasToken || (notAfter !== undefined && notAfter > now.value)) {
    return (
      <Tag tone="good" shape="check">
        {words.in}
      </Tag>
    );
  }
  return codeUntil === undefined ? (
    <Tag tone="bad" shape="cross">
      {words.none}
    </Tag>
  ) : (
    <Tag tone="neutral" shape="clock">
      {words.awaited}
    </Tag>
  );
}

/** How long a certificate is good for yet. */
export function Ending({ notAfter }: { readonly notAfter: number }) {
  const { preference, now } = useCentral();
  const words = centralIdentityText[preference.language.value];
  const left = notAfter - now.value;
  if (left <= 0) {
    return (
      <Tag tone="bad" shape="clock">
        {words.over}
      </Tag>
    );
  }
  return left <= soonMs ? (
    <Tag tone="medium" shape="triangle">
      {words.soon}
    </Tag>
  ) : (
    <Tag tone="good" shape="check">
      {words.good}
    </Tag>
  );
}
