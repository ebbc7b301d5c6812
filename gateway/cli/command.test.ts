import { expect, test } from "vitest";
import { RackwatchError } from "../../drivers/errors.ts";
import { memoryIo } from "../../tests/support/command-io.ts";
import { exitCodes, newCommand, runCommand, terminalLanguage } from "./command.ts";

test("an unknown option ends in exit code 2 and says so on standard error", async () => {
  const { io, seen } = memoryIo();
  await runCommand(newCommand("look", io), ["--nonsense"], io);
  expect(seen).toMatchObject({ code: exitCodes.cannotRun, out: "" });
  expect(seen.err).toContain("--nonsense");
});

test("help is written to standard output and is no failure", async () => {
  const { io, seen } = memoryIo();
  await runCommand(newCommand("look", io).description("Looks."), ["--help"], io);
  expect(seen).toMatchObject({ code: exitCodes.ok, err: "" });
  expect(seen.out).toContain("Looks.");
});

test("an operating error is told as what, where and what to do, with exit code 2", async () => {
  const { io, seen } = memoryIo();
  const command = newCommand("look", io).action(() => {
    throw new RackwatchError("driver/port-busy", "the port is busy", {
      where: "/dev/ttyS1",
      todo: "stop the other program",
    });
  });
  await runCommand(command, [], io);
  expect(seen).toMatchObject({ code: exitCodes.cannotRun });
  expect(seen.err).toBe("the port is busy\n  /dev/ttyS1\n  stop the other program\n");
});

test("a programming error is not swallowed", async () => {
  const { io } = memoryIo();
  const command = newCommand("look", io).action(() => {
    throw new TypeError("a bug");
  });
  await expect(runCommand(command, [], io)).rejects.toThrow("a bug");
});

test("the terminal's locale decides the language, English when it says nothing", () => {
  expect(terminalLanguage({ LANG: "zh_CN.UTF-8" })).toBe("zh");
  expect(terminalLanguage({ LC_ALL: "C", LANG: "zh_CN.UTF-8" })).toBe("en");
  expect(terminalLanguage({})).toBe("en");
});
