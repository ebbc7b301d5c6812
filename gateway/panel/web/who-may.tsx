import { type Permission, rolesWith } from "../duties.ts";
import { usePanel } from "./panel.ts";

/** Instead of a button that would be refused: whom to ask. */
export function WhoMay({ permission }: { readonly permission: Permission }) {
  const { text } = usePanel();
  const names = rolesWith(permission).map((role) => text.value.roles[role]);
  return <p class="hint">{text.value.whoMay(names)}</p>;
}
