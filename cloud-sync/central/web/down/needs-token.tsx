import { centralDownText } from "../../../../config/language/central-down.ts";
import { Button } from "../../../../gateway/panel/web/components/button.tsx";
import type { Fault } from "../../../../gateway/panel/web/request.ts";
import { useCentral } from "../central.ts";

/** Under a refusal that another token would not have got. */
export function NeedsToken({ fault }: { readonly fault: Fault }) {
  const { asksToken, preference } = useCentral();
  if (fault.code !== "unauthorized" && fault.code !== "forbidden") return null;
  return (
    <Button
      onPress={() => {
        asksToken.value = true;
      }}
    >
      {centralDownText[preference.language.value].enterToken}
    </Button>
  );
}
