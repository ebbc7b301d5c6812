import { Button } from "../../../gateway/panel/web/components/button.tsx";
import { Mark } from "../../../gateway/panel/web/components/mark.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import { useCentral } from "./central.ts";
import { Nav } from "./nav.tsx";

export function Header() {
  const { text, shared, preference, hasToken, forgetToken, access } = useCentral();
  const other = preference.language.value === "en" ? "zh" : "en";
  return (
    <header class="header">
      <div class="header-row">
        <div class="identity">
          <Mark />
          <h1>{text.value.title}</h1>
        </div>
        <div class="header-state">
          <LinkTag />
        </div>
        <div class="menu">
          <Button
            kind="quiet"
            lang={other}
            label={shared.value.otherLanguageLabel}
            onPress={() => preference.choose(other)}
          >
            {shared.value.otherLanguage}
          </Button>
          {hasToken.value && <Button onPress={forgetToken}>{text.value.access.forget}</Button>}
        </div>
        {access.value === "open" && <Nav />}
      </div>
    </header>
  );
}

function LinkTag() {
  const { link, heardAt, now, text, format } = useCentral();
  const words = text.value.link;
  return (
    <output class="link" aria-label={words.label}>
      {link.value === "live" && (
        <Tag tone="good" shape="check">
          {words.live}
        </Tag>
      )}
      {link.value === "connecting" && (
        <Tag tone="neutral" shape="dash">
          {words.connecting}
        </Tag>
      )}
      {link.value === "offline" && (
        <Tag tone="bad" shape="cross">
          {words.offline(format.value.time(heardAt.value, now.peek()))}
        </Tag>
      )}
    </output>
  );
}
