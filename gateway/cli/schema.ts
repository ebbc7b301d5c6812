import { Option } from "@commander-js/extra-typings";
import {
  gatewayJsonSchema,
  profileJsonSchema,
  templateJsonSchema,
} from "../../config/json-schema.ts";
import { drivers } from "../../drivers/index.ts";
import { type CommandIo, newCommand } from "./command.ts";

/** `rackwatch schema`: JSON Schema (draft 7) for editors that complete and check YAML. */
export function schemaCommand(io: CommandIo) {
  return newCommand("schema", io)
    .description("Print the JSON Schema (draft 7) of the configuration, for editors")
    .option("--template", "the schema of device templates instead")
    .addOption(
      new Option("--profile", "the schema of storage profiles instead").conflicts("template"),
    )
    .action(({ template, profile }) => {
      const schema =
        profile === true
          ? profileJsonSchema()
          : template === true
            ? templateJsonSchema(drivers)
            : gatewayJsonSchema(drivers);
      io.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    });
}
