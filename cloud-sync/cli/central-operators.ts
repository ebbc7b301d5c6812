import { Option } from "@commander-js/extra-typings";
import { operatorText } from "../../config/language/operators.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type CommandIo, newCommand, terminalLanguage } from "../../gateway/cli/command.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import type { Database } from "../central/database/database.ts";
import { migrate } from "../central/database/migrations.ts";
import { addOperator, operatorRoles, removeOperator } from "../central/down/operators.ts";
import { type DatabasePlace, databaseOpener } from "./central-place.ts";

/** `rackwatch central add-operator` and `remove-operator`. */
export function operatorCommands(io: CommandIo, where: () => DatabasePlace) {
  return [addCommand(io, where), removeCommand(io, where)];
}

function addCommand(io: CommandIo, where: () => DatabasePlace) {
  return newCommand("add-operator", io)
    .description("let a person in at central, or give one a new token, and print the token once")
    .argument("<name>", "the person, as it shall stand on record")
    .addOption(
      new Option("--role <role>", "viewer looks, operator also decides")
        .choices(operatorRoles)
        .default("viewer" as const),
    )
    .option("--json", "print JSON")
    .action(async (name, { role, json }) => {
      await using database = await opened(io, where());
      const token = await addOperator(database, { name, role });
      if (json === true) {
        io.stdout.write(`${JSON.stringify({ name, role, token })}\n`);
        return;
      }
      io.stderr.write(`${textOf(io).operatorToken(name, role)}\n`);
      io.stdout.write(`${token}\n`);
    });
}

function removeCommand(io: CommandIo, where: () => DatabasePlace) {
  return newCommand("remove-operator", io)
    .description("let a person in no more; what the person did stays on record")
    .argument("<name>", "as it was added")
    .option("--json", "print JSON")
    .action(async (name, { json }) => {
      await using database = await opened(io, where());
      const text = textOf(io);
      if (!(await removeOperator(database, name))) {
        const { message, todo } = text.noOperator(name);
        throw new RackwatchError("config/invalid", message, { where: name, todo });
      }
      const said = json === true ? JSON.stringify({ name }) : text.operatorRemoved(name);
      io.stdout.write(`${said}\n`);
    });
}

async function opened(io: CommandIo, place: DatabasePlace): Promise<Database> {
  const database = await databaseOpener(io, place, createLog({ ...io.env }))();
  await migrate(database);
  return database;
}

function textOf(io: CommandIo) {
  return operatorText[terminalLanguage(io.env)];
}
