import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";

const folder = new URL("../../config/templates/", import.meta.url);

export interface ShippedTemplate {
  readonly file: string;
  readonly text: string;
  readonly yaml: object;
}

/** What an editor needs to check a template while it is written. */
export const templateHint = "# yaml-language-server: $schema=../generated/template.schema.json";

/** The templates that come with the program for one driver. */
export function shippedTemplates(driver: string): readonly ShippedTemplate[] {
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const yaml: unknown = parse(text);
    const isOurs = typeof yaml === "object" && yaml !== null && "driver" in yaml;
    return isOurs && yaml.driver === driver ? [{ file, text, yaml }] : [];
  });
}
