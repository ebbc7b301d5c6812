import { Menu } from "./header.tsx";
import { usePanel } from "./panel.ts";

export function Footer() {
  const { text, snapshot, wall } = usePanel();
  const timezone = snapshot.value?.gateway.timezone;
  return (
    <footer class="footer">
      <span>{text.value.product}</span>
      {timezone !== undefined && <span>{text.value.footer.timezone(timezone)}</span>}
      {wall.value ? <Menu /> : <a href="/openapi.json">{text.value.footer.api}</a>}
    </footer>
  );
}
