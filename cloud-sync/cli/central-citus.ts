import { type CommandIo, newCommand } from "../../gateway/cli/command.ts";
import { citusStatements } from "../central/database/citus.ts";

/** `rackwatch central citus-sql` */
export function citusSqlCommand(io: CommandIo) {
  return newCommand("citus-sql", io)
    .description("print what spreads central's tables over the nodes of Citus, for psql")
    .action(() => {
      io.stdout.write(`${citusStatements().join(";\n")};\n`);
    });
}
